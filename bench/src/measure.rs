//! Measuring two things in turn.

use std::time::{Duration, Instant};

/// The outcome of one measurement.
#[derive(Clone, Copy, Debug)]
pub struct Figure {
    /// Median rate.
    pub per_second: f64,
    /// Median rate of what it is compared to.
    pub base: f64,
    /// Median of the ratios, run by run.
    pub ratio: f64,
    /// From the slowest to the fastest run, in percent of the median.
    pub spread: f64,
}

/// Measures `work` and `base` in turn, run by run.
pub fn pair(work: &mut dyn FnMut(), base: &mut dyn FnMut(), runs: u32, millis: u64) -> Figure {
    let time = Duration::from_millis(millis);
    let warm_up = time / 4;
    rate(work, warm_up);
    rate(base, warm_up);
    let (mut ours, mut theirs, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..runs {
        let (one, other) = (rate(work, time), rate(base, time));
        ours.push(one);
        theirs.push(other);
        ratios.push(one / other);
    }
    let (low, middle, high) = spread(&mut ours);
    let (_, base, _) = spread(&mut theirs);
    let (_, ratio, _) = spread(&mut ratios);
    Figure { per_second: middle, base, ratio, spread: (high - low) / middle * 100.0 }
}

/// Calls per second.
fn rate(work: &mut dyn FnMut(), time: Duration) -> f64 {
    let start = Instant::now();
    let mut calls = 0_u32;
    loop {
        for _ in 0..16 {
            work();
        }
        calls += 16;
        let passed = start.elapsed();
        if passed >= time {
            return f64::from(calls) / passed.as_secs_f64();
        }
    }
}

/// Lowest, median, highest.
fn spread(values: &mut [f64]) -> (f64, f64, f64) {
    values.sort_by(f64::total_cmp);
    (values[0], values[values.len() / 2], values[values.len() - 1])
}
