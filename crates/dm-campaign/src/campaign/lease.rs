//! Chunks, handed out and taken back.

use jiff::{SignedDuration, Timestamp};

use super::{Campaign, Chunk, ChunkId, Phase};
use crate::{Grant, Refusal, Tally};

/// A chunk in the hands of one worker.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Lease {
    /// Which.
    pub chunk: ChunkId,
    /// Its number: no two have the same.
    pub number: u64,
    /// Until when. Then somebody else may have the chunk.
    pub until: Timestamp,
    /// When the quiet hours of its devices begin: nothing may leave from then on.
    pub quiet: Option<Timestamp>,
}

/// What the store counted of a chunk, after a change.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Report {
    /// How far its devices are.
    pub tally: Tally,
    /// When something is to be done for one of them. For one that a [grant](Campaign::grant) put off, not before what
    /// that said: who says *now* gets the chunk again at once.
    pub due: Option<Timestamp>,
    /// When one of them will be silent.
    pub silent: Option<Timestamp>,
    /// Greater the more evidence was counted; the same, if only the time went on.
    pub version: u64,
}

impl Campaign {
    /// The chunk that is to be dealt with first, for so long: of an open wave, due, in nobody's hands, and not in its
    /// quiet hours.
    pub fn lease(&mut self, term: SignedDuration, now: Timestamp) -> Option<Lease> {
        if self.state.phase != Phase::Running || now >= self.state.policy.expiry || self.is_halted()
        {
            return None;
        }
        let is_ready = |chunk: &Chunk| self.ready(chunk).is_some_and(|at| at <= now);
        let candidates = self.state.chunks.iter().enumerate().filter(|(_, chunk)| is_ready(chunk));
        let awake = candidates.filter(|(_, chunk)| self.quiet_ends(chunk, now).is_none());
        let (index, _) = awake.min_by_key(|(index, chunk)| (chunk.wave, chunk.due, *index))?;
        self.state.leases += 1;
        let (number, until) =
            (self.state.leases, now.saturating_add(term).unwrap_or(Timestamp::MAX));
        let quiet = self.state.policy.quiet;
        let chunk = &mut self.state.chunks[index];
        chunk.lease = Some((number, until));
        let quiet = quiet.map(|quiet| quiet.begins(&chunk.zone, now));
        Some(Lease { chunk: ChunkId(u32::try_from(index).ok()?), number, until, quiet })
    }

    /// How many attempts may begin now on this route, of so many. Each of them counts as begun.
    ///
    /// # Errors
    /// [`Refusal`]: none of this lease any more: the campaign waits, its time is over, the quiet hours begin, or
    /// somebody else has the chunk.
    pub fn grant(
        &mut self,
        lease: &Lease,
        route: u8,
        wanted: u32,
        now: Timestamp,
    ) -> Result<Grant, Refusal> {
        let phase = self.state.phase;
        if phase != Phase::Running {
            return Err(Refusal::Phase { phase });
        }
        let is_over = now >= lease.until || now >= self.state.policy.expiry || self.is_halted();
        if is_over || lease.quiet.is_some_and(|at| at <= now) || !self.is_held(lease) {
            return Err(Refusal::Lease);
        }
        let meter = self.meters.get_mut(usize::from(route)).and_then(Option::as_mut);
        Ok(meter.map_or(Grant::Now(wanted), |meter| meter.take(wanted, now)))
    }

    /// Gives a chunk back, with what came of it.
    ///
    /// # Errors
    /// [`Refusal::Lease`]: somebody else has it. What was counted is taken all the same, if it is news.
    pub fn settle(&mut self, lease: &Lease, report: Report) -> Result<(), Refusal> {
        self.update(lease.chunk, report);
        if !self.is_held(lease) {
            return Err(Refusal::Lease);
        }
        if let Some(chunk) = self.chunk_mut(lease.chunk) {
            chunk.lease = None;
        }
        Ok(())
    }

    /// What the store counted, after evidence came.
    pub fn update(&mut self, id: ChunkId, report: Report) {
        let Some(chunk) = self.chunk_mut(id) else { return };
        if chunk.version > report.version {
            return;
        }
        let (wave, before) = (chunk.wave, chunk.tally);
        let Report { tally, due, silent, version } = report;
        (chunk.tally, chunk.due, chunk.silent, chunk.version) = (tally, due, silent, version);
        self.count(wave, before, tally);
    }

    /// A chunk whose devices must be counted again, since one of them may be silent by now.
    #[must_use]
    pub fn to_count(&self, now: Timestamp) -> Option<ChunkId> {
        let is_due = |chunk: &Chunk| chunk.silent.is_some_and(|at| at <= now);
        let index = self.state.chunks.iter().position(is_due)?;
        u32::try_from(index).ok().map(ChunkId)
    }

    /// When this chunk may be handed out, quiet hours aside.
    pub(super) fn ready(&self, chunk: &Chunk) -> Option<Timestamp> {
        let due = chunk.due.filter(|_| chunk.wave <= self.state.wave)?;
        Some(chunk.lease.map_or(due, |(_, until)| due.max(until)))
    }

    /// When the quiet hours of a chunk end, if this is in them.
    pub(super) fn quiet_ends(&self, chunk: &Chunk, now: Timestamp) -> Option<Timestamp> {
        self.state.policy.quiet.and_then(|quiet| quiet.ends(&chunk.zone, now))
    }

    fn is_held(&self, lease: &Lease) -> bool {
        let chunk = self.state.chunks.get(lease.chunk.index());
        chunk.and_then(|chunk| chunk.lease).is_some_and(|(number, _)| number == lease.number)
    }

    fn chunk_mut(&mut self, id: ChunkId) -> Option<&mut Chunk> {
        self.state.chunks.get_mut(id.index())
    }
}

impl ChunkId {
    fn index(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

impl Chunk {
    /// So many devices that were only planned; due at once.
    #[must_use]
    pub fn planned(wave: u16, zone: crate::Zone, devices: u32, now: Timestamp) -> Self {
        let mut tally = Tally::default();
        tally[crate::Status::Drafted] = devices.into();
        Self { wave, zone, due: Some(now), silent: None, tally, version: 0, lease: None }
    }
}
