//! Every moment of one script, and moments of many scripts drawn from numbers.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use super::check::{agrees, recovers};
use super::device::{Device, Promise, provisioned};
use super::disk::{Disk, Fails, Image, Step};
use super::message::{ALL, Kind, MESSAGES};
use super::power::{self, Unsynced, lost};
use super::random::Random;

/// How many schedules are drawn, if the environment does not say.
const SCHEDULES: usize = 10_000;
/// The variable that says it.
const VARIABLE: &str = "MGRAM_CRASH_SCHEDULES";
/// How many of them are of one script.
const OF_ONE: usize = 200;

/// A script that ran to its end, and what was promised on the way.
struct Run {
    before: Image,
    steps: Vec<Step>,
    promises: Vec<(usize, Promise)>,
}

impl Run {
    fn new(before: &Image, seed: u64, messages: usize) -> Self {
        let mut device = Device::open(Disk::of(before.clone())).expect("it starts");
        device.script(&mut Random(seed), messages).expect("a disk that works");
        let promises = std::mem::take(&mut device.promises);
        let disk = device.disk.clone();
        drop(device); // closing is part of it
        let (before, steps) = disk.history();
        Self { before, steps, promises }
    }

    /// What was promised when this many steps were taken.
    fn promised(&self, end: usize) -> Vec<Promise> {
        let until = self.promises.iter().take_while(|(steps, _)| *steps <= end);
        until.map(|(_, promise)| *promise).collect()
    }

    /// The power goes after this many steps; yields the device that was started again.
    fn cut(&self, end: usize, how: Unsynced, random: &mut Random) -> Device {
        let image = lost(&self.before, &self.steps[..end], how, random);
        recovers(image, &self.promised(end), random)
    }
}

#[test]
fn each_message_is_what_it_says() {
    let mut device = Device::open(Disk::of(provisioned())).expect("it starts");
    (0..MESSAGES).for_each(|number| device.push(number));
    while device.take().expect("a disk that works") {}
    let done = agrees(&device.client);
    let all = |kind: Kind| (0..MESSAGES).filter(move |number| ALL[*number].kind == kind);
    assert_eq!(done.good, all(Kind::Good).collect::<Vec<_>>());
    assert_eq!(done.spent, all(Kind::Spent).collect());
    assert!(all(Kind::Refused).count() > 5);
}

#[test]
fn power_loss_at_every_step_of_a_script() {
    let (start, mut schedules) = (Instant::now(), 0);
    let run = Run::new(&provisioned(), 1, 40);
    let mut random = Random(1);
    for end in 0..=run.steps.len() {
        for how in power::ALL {
            run.cut(end, how, &mut random);
            schedules += 1;
        }
    }
    assert!(run.promises.len() > 60, "{}", run.promises.len());
    let steps = run.steps.len();
    println!("{schedules} schedules, at each of {steps} steps, in {:.1?}", start.elapsed());
}

#[test]
fn power_loss_by_random_schedules() {
    let start = Instant::now();
    let wanted = std::env::var(VARIABLE).ok().and_then(|text| text.parse().ok());
    let wanted: usize = wanted.unwrap_or(SCHEDULES);
    let (new, next) = (provisioned(), AtomicUsize::new(0));
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let second: usize = std::thread::scope(|scope| {
        let some = || {
            let scripts = std::iter::from_fn(|| Some(next.fetch_add(1, Ordering::Relaxed)))
                .take_while(|script| script * OF_ONE < wanted);
            let of_one = |script| draw(&new, script, OF_ONE.min(wanted - script * OF_ONE));
            scripts.map(of_one).sum::<usize>()
        };
        let threads: Vec<_> = (0..cores).map(|_| scope.spawn(some)).collect();
        threads.into_iter().map(|thread| thread.join().expect("all schedules hold")).sum()
    });
    println!(
        "{wanted} random schedules, {second} of them with a second loss of power, in {:.1?}",
        start.elapsed()
    );
}

/// Draws schedules of one script; yields how many had a second loss of power.
fn draw(new: &Image, script: usize, schedules: usize) -> usize {
    let mut random = Random(script as u64);
    let run = Run::new(new, script as u64, 12 + script % 19);
    let mut second = 0;
    for _ in 0..schedules {
        let end = random.below(run.steps.len() + 1);
        let how = power::ALL[random.below(power::ALL.len())];
        let device = run.cut(end, how, &mut random);
        if random.below(4) > 0 {
            continue;
        }
        // The power goes once more, while what was left is carried out.
        second += 1;
        let mut promises = run.promised(end);
        // What was under way is over, whatever became of it.
        promises.pop_if(|promise| *promise == Promise::Settling);
        let (before, steps) = device.disk.history();
        let end = random.below(steps.len() + 1);
        let since = device.promises.iter().take_while(|(steps, _)| *steps <= end);
        promises.extend(since.map(|(_, promise)| *promise));
        let how = power::ALL[random.below(power::ALL.len())];
        let image = lost(&before, &steps[..end], how, &mut random);
        recovers(image, &promises, &mut random);
    }
    second
}

/// A disk that fails at a step, then for ever or once only: the agent ends or goes on, and keeps what
/// it promised.
#[test]
fn a_disk_that_fails_at_every_step_of_a_script() {
    let (start, new) = (Instant::now(), provisioned());
    let steps = Run::new(&new, 3, 6).steps.len();
    let mut ended = 0;
    for step in 0..steps {
        for fails in [Fails::From(step), Fails::Once(step)] {
            let disk = Disk::of(new.clone()).failing(fails);
            let Ok(mut device) = Device::open(disk.clone()) else { continue };
            ended += usize::from(device.script(&mut Random(3), 6).is_err());
            let promises: Vec<_> = device.promises.iter().map(|(_, promise)| *promise).collect();
            drop(device);
            let ((before, steps), mut random) = (disk.history(), Random(step as u64));
            for how in power::ALL {
                let image = lost(&before, &steps, how, &mut random);
                recovers(image, &promises, &mut random);
            }
        }
    }
    assert!(ended > steps / 2, "{ended}");
    println!("{} disks that fail, in {:.1?}", 2 * steps, start.elapsed());
}
