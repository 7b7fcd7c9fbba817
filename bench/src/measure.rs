//! Measuring two things in turn.

use std::cell::Cell;
use std::convert::Infallible;
use std::time::{Duration, Instant};

use cpu_time::ThreadTime;

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
    /// The lowest and the highest of the ratios.
    pub ratios: (f64, f64),
}

/// What tells how long work took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// This thread's processor time: other work on the machine hardly counts.
    Processor,
    /// The clock on the wall, for what waits for a disk.
    Wall,
}

/// Measures `work` and `base` in turn, run by run.
pub fn pair(
    work: &mut dyn FnMut(),
    base: &mut dyn FnMut(),
    clock: Clock,
    (runs, millis): (u32, u64),
) -> Figure {
    let rate = |work: &mut dyn FnMut(), time| match clock {
        Clock::Processor => processor_rate(work, time),
        Clock::Wall => rate(work, time),
    };
    let ours = |time| Ok::<_, Infallible>(rate(work, time));
    match alternate(ours, |time| Ok(rate(base, time)), runs, millis) {
        Ok(figure) => figure,
        Err(never) => match never {},
    }
}

/// Measures two rates in turn, run by run. Each is told how long a run is.
pub fn alternate<E>(
    mut ours: impl FnMut(Duration) -> Result<f64, E>,
    mut base: impl FnMut(Duration) -> Result<f64, E>,
    runs: u32,
    millis: u64,
) -> Result<Figure, E> {
    let time = Duration::from_millis(millis);
    ours(time / 4)?;
    base(time / 4)?;
    let (mut mine, mut theirs, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..runs {
        let (one, other) = (ours(time)?, base(time)?);
        mine.push(one);
        theirs.push(other);
        ratios.push(one / other);
    }
    let (low, per_second, high) = spread(&mut mine);
    let (_, base, _) = spread(&mut theirs);
    let (lowest, ratio, highest) = spread(&mut ratios);
    let spread = (high - low) / per_second * 100.0;
    Ok(Figure { per_second, base, ratio, spread, ratios: (lowest, highest) })
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

/// Calls per second of this thread's processor time: other work on the machine hardly counts.
/// The clock is asked rarely, after calls that took a twentieth of the time; as the peer does.
pub fn processor_rate(mut work: impl FnMut(), time: Duration) -> f64 {
    let (start, aside) = (ThreadTime::now(), ASIDE.get());
    let (mut calls, mut chunk) = (0_u32, 1_u32);
    loop {
        for _ in 0..chunk {
            work();
        }
        calls = calls.saturating_add(chunk);
        let passed = start.elapsed().saturating_sub(ASIDE.get() - aside);
        if passed >= time {
            return f64::from(calls) / passed.as_secs_f64();
        }
        if passed < time / 20 {
            chunk *= 2;
        }
    }
}

thread_local! {
    /// This thread's processor time that counts for nothing.
    static ASIDE: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

/// Does what work needs and is no part of it: its processor time is not measured. The clock is asked
/// twice, so it is for work that takes much longer.
pub fn aside<T>(prepare: impl FnOnce() -> T) -> T {
    let start = ThreadTime::now();
    let prepared = prepare();
    ASIDE.set(ASIDE.get() + start.elapsed());
    prepared
}

/// Lowest, median, highest.
fn spread(values: &mut [f64]) -> (f64, f64, f64) {
    values.sort_by(f64::total_cmp);
    (values[0], values[values.len() / 2], values[values.len() - 1])
}
