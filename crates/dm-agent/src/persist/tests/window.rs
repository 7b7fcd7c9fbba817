//! What a disk may hold when its power is lost.
//!
//! Between two syncs a disk may have written each sector, or not, in any order. So an image after
//! a power loss is: for each sector, its contents at some moment since the last sync that came
//! back.

use super::disk::{Call, SECTOR, apply};

/// What a disk held after each of its calls since the last sync before `from`.
pub struct Window {
    /// The image at the sync, then after each call.
    pub images: Vec<Vec<u8>>,
}

impl Window {
    pub fn new(calls: &[Call], end: usize) -> Self {
        let start = calls[..end].iter().rposition(|call| matches!(call, Call::Sync));
        let start = start.map_or(0, |sync| sync + 1);
        let mut image = Vec::new();
        calls[..start].iter().for_each(|call| apply(&mut image, call));
        let mut images = vec![image];
        for call in &calls[start..end] {
            let mut next = images.last().unwrap().clone();
            apply(&mut next, call);
            images.push(next);
        }
        Self { images }
    }

    /// Sectors that differ between any two moments.
    pub fn dirty(&self) -> Vec<usize> {
        let length = self.images.iter().map(Vec::len).max().unwrap_or(0);
        let differs = |&sector: &usize| {
            self.images.windows(2).any(|pair| cut(&pair[0], sector) != cut(&pair[1], sector))
        };
        (0..length.div_ceil(SECTOR)).filter(differs).collect()
    }

    /// An image with each dirty sector from the moment that `choose` names, and with the length
    /// of the moment that it names last.
    pub fn mix(&self, dirty: &[usize], mut choose: impl FnMut(usize) -> usize) -> Vec<u8> {
        let mut image = self.images[0].clone();
        for &sector in dirty {
            let from = cut(&self.images[choose(sector)], sector);
            let end = sector * SECTOR + from.len();
            if image.len() < end {
                image.resize(end, 0);
            }
            image[sector * SECTOR..end].copy_from_slice(from);
        }
        let length = self.images[choose(usize::MAX)].len();
        image.resize(length, 0);
        image
    }
}

fn cut(image: &[u8], sector: usize) -> &[u8] {
    let end = image.len().min((sector + 1) * SECTOR);
    image.get(sector * SECTOR..end).unwrap_or_default()
}
