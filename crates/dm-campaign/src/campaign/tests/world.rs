//! A server, its store and its devices, in a few lines: what the machine is driven by in tests.

use alloc::collections::BTreeMap;
use alloc::vec;

use super::*;
use crate::{
    Claim, Evidence, Grant, QuietHours, Record, Retries, Retry, Rule, Step, StopRules, Zone,
};

/// A campaign, and what will happen to it.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub devices: u32,
    pub chunk: u32,
    pub waves: Vec<Wave>,
    pub quiet: Option<QuietHours>,
    pub rate: Option<u32>,
    pub stop: StopRules,
    /// What decides about everything else.
    pub seed: u64,
    /// Of a hundred attempts, so many fail.
    pub failures: u64,
    /// Of a hundred leases, so many workers die in the middle.
    pub deaths: u64,
}

pub(super) struct World {
    pub campaign: Campaign,
    pub records: Vec<Record>,
    pub transitions: Vec<Transition>,
    /// Each attempt that began: device, number, route, when.
    pub begun: Vec<(u32, u32, u8, Timestamp)>,
    pub restarts_always: bool,
    chance: u64,
    plan: Plan,
    now: Timestamp,
    /// Where each chunk begins, and its version.
    chunks: Vec<(u32, u32, u64)>,
    /// What the rate said of the chunk that is dealt with.
    put_off: Option<Timestamp>,
    /// Receipts that come later.
    later: BTreeMap<(Timestamp, u32, u32), Claim>,
}

impl Plan {
    pub fn any() -> impl Strategy<Value = Self> {
        let gates = prop_oneof![
            Just(Gate::Open),
            Just(Gate::ByHand),
            (20_u32..100).prop_map(|part| Gate::Rung { rung: 3, share: Share::Part(part * 1_000) }),
        ];
        let wave =
            (1_u64..20, gates).prop_map(|(size, gate)| Wave { size: Share::Count(size), gate });
        let quiet = prop::option::of((0_u8..24, 1_u8..23).prop_map(|(from, hours)| {
            alloc::format!("{from:02}:00-{:02}:30", (from + hours) % 24).parse().unwrap()
        }));
        let share = || (0_u32..80).prop_map(|part| Share::Part(part * 1_000));
        let stop = (share(), share(), share()).prop_map(|(undeliverable, refused, silent)| {
            let contradicted = Share::Count(2);
            StopRules { undeliverable, refused, contradicted, silent, least: 5 }
        });
        let numbers = (1_u32..60, 1_u32..12, any::<u64>(), 0_u64..60, 0_u64..40);
        let rate = prop::option::of(1_u32..40);
        (numbers, prop::collection::vec(wave, 0..4), quiet, rate, stop).prop_map(
            |((devices, chunk, seed, failures, deaths), waves, quiet, rate, stop)| Self {
                devices,
                chunk,
                waves,
                quiet,
                rate,
                stop,
                seed,
                failures,
                deaths,
            },
        )
    }

    fn policy(&self) -> Policy {
        let at = Timestamp::from_second(START).unwrap();
        let retries = Retries {
            attempts: 2,
            wait: SignedDuration::from_mins(5),
            longest_wait: SignedDuration::from_hours(1),
            fall_back_after: Some(SignedDuration::from_hours(3)),
        };
        let rate = |count: u32| [("a".into(), alloc::format!("{count}/h").parse().unwrap())].into();
        let policy = Policy {
            routes: vec!["a".into(), "b".into()],
            expiry: at + SignedDuration::from_hours(24 * 9),
            membership: crate::Membership::Fixed,
            waves: self.waves.clone(),
            quiet: self.quiet,
            zone: Zone::utc(),
            rates: self.rate.map(rate).unwrap_or_default(),
            retries: [("a".into(), retries), ("b".into(), retries)].into(),
            stop: self.stop,
            patience: PATIENCE,
            priority: 0,
        };
        policy.check().unwrap()
    }
}

const START: i64 = 1_790_000_000;
const PATIENCE: SignedDuration = SignedDuration::from_hours(20);
const TERM: SignedDuration = SignedDuration::from_mins(30);
const ROUTES: [u8; 2] = [0, 1];

impl World {
    pub fn new(plan: &Plan) -> Self {
        let (now, policy) = (Timestamp::from_second(START).unwrap(), plan.policy());
        let (mut chunks, mut known, mut first) = (vec![], vec![], 0);
        let zones = ["UTC", "Europe/Helsinki", "America/St_Johns"];
        for (wave, size) in (0_u16..).zip(policy.sizes(plan.devices.into())) {
            let mut left = u32::try_from(size).unwrap();
            while left > 0 {
                let size = left.min(plan.chunk);
                let zone = Zone::named(zones[chunks.len() % zones.len()]).unwrap();
                chunks.push(Chunk::planned(wave, zone, size, now));
                known.push((first, size, 0));
                (first, left) = (first + size, left - size);
            }
        }
        let mut campaign = Campaign::new(policy, chunks, now);
        let by = || By::Author("ann".into());
        let mut transitions =
            vec![campaign.act(Act::Approve, by(), "as planned".into(), now).unwrap()];
        transitions.push(campaign.act(Act::Start, by(), "go".into(), now).unwrap());
        let records = vec![Record::default(); usize::try_from(plan.devices).unwrap()];
        let (begun, later) = (vec![], BTreeMap::new());
        let chance = plan.seed;
        let plan = plan.clone();
        let restarts_always = false;
        Self {
            campaign,
            records,
            transitions,
            begun,
            restarts_always,
            chance,
            plan,
            now,
            chunks: known,
            later,
            put_off: None,
        }
    }

    pub fn run(&mut self) {
        self.steps(20_000);
    }

    /// So many at most; fewer, if the campaign ends.
    pub fn steps(&mut self, most: u32) {
        for _ in 0..most {
            if self.chance(50) == 0 || self.restarts_always {
                self.campaign = Campaign::restore(self.campaign.snapshot().clone(), self.now);
            }
            self.receipts();
            while let Some(id) = self.campaign.to_count(self.now) {
                self.count(id);
            }
            let changes = self.campaign.tick(self.now);
            self.transitions.extend(changes);
            self.check_rules();
            match self.campaign.phase() {
                Phase::Finished | Phase::Stopped => return,
                Phase::Paused => self.act(Act::Resume),
                _ if self.chance(40) == 0 => self.act(Act::OpenGate),
                _ => {}
            }
            match self.campaign.lease(TERM, self.now) {
                Some(lease) => self.work(&lease),
                None => self.sleep(),
            }
        }
    }

    fn act(&mut self, act: Act) {
        let by = By::Author("bob".into());
        if let Ok(change) = self.campaign.act(act, by, "seen".into(), self.now) {
            self.transitions.push(change);
        }
    }

    /// What one worker does with its chunk, until it dies.
    fn work(&mut self, lease: &Lease) {
        let (first, size, _) = self.chunks[usize::try_from(lease.chunk.0).unwrap()];
        let dies = self.chance(100) < self.plan.deaths;
        for device in first..first + size {
            if dies && self.chance(u64::from(size)) == 0 {
                return; // and nobody gives the chunk back
            }
            if self.one(lease, device).is_err() {
                break;
            }
        }
        let mut report = self.report(lease.chunk);
        report.due = report.due.map(|due| due.max(self.put_off.take().unwrap_or(due)));
        let _ = self.campaign.settle(lease, report);
    }

    fn one(&mut self, lease: &Lease, device: u32) -> Result<(), crate::Refusal> {
        let index = usize::try_from(device).unwrap();
        match self.records[index].step(self.campaign.policy(), &ROUTES, self.now) {
            Step::Send { attempt, route } => {
                match self.campaign.grant(lease, route, 1, self.now)? {
                    Grant::Now(count) => assert_eq!(count, 1),
                    Grant::NotBefore(at) if at < lease.until => {
                        self.now = at;
                        return self.one(lease, device);
                    }
                    Grant::NotBefore(at) => {
                        self.put_off = Some(at);
                        return Err(crate::Refusal::Lease);
                    }
                }
                self.records[index].add(Evidence::begun(attempt, route, self.now));
                self.begin(lease, device, attempt, route);
                let dies_now = self.chance(100) < self.plan.deaths / 4;
                if !dies_now {
                    self.now += SignedDuration::from_millis(200);
                    let claim = self.answer(device, attempt);
                    self.records[index].add(Evidence::new(claim, attempt, self.now));
                }
            }
            Step::GiveUp(claim) => self.records[index].add(Evidence::new(claim, 0, self.now)),
            Step::Wait(_) | Step::Settled => {}
        }
        Ok(())
    }

    /// Something leaves: all that must hold of it.
    fn begin(&mut self, lease: &Lease, device: u32, attempt: u32, route: u8) {
        let chunk = &self.campaign.snapshot().chunks[usize::try_from(lease.chunk.0).unwrap()];
        assert!(chunk.wave <= self.campaign.snapshot().wave, "its wave is open");
        if let Some(quiet) = self.plan.quiet {
            assert_eq!(quiet.ends(&chunk.zone, self.now), None, "nobody is woken");
        }
        assert!(self.now < self.campaign.policy().expiry);
        let same = self.begun.iter().find(|(it, number, ..)| (*it, *number) == (device, attempt));
        assert!(same.is_none_or(|(_, _, before, _)| *before == route), "one attempt has one route");
        self.begun.push((device, attempt, route, self.now));
        if let Some(rate) = self.plan.rate {
            let hour = SignedDuration::from_hours(1);
            let is_recent = |at: &Timestamp| self.now.duration_since(*at) < hour;
            let recent = self.begun.iter().rev().take_while(|(.., at)| is_recent(at));
            let count = recent.filter(|(_, _, route, _)| *route == 0).count();
            assert!(count <= usize::try_from(rate).unwrap(), "{count} in an hour, of {rate}");
        }
    }

    fn answer(&mut self, device: u32, attempt: u32) -> Claim {
        if self.chance(100) < self.plan.failures {
            return match self.chance(5) {
                0 => Claim::Refused,
                1 => Claim::Undeliverable,
                2 => Claim::Failed(Retry::OtherRoute),
                _ => Claim::Failed(Retry::Again),
            };
        }
        let after = SignedDuration::from_mins(i64::try_from(self.chance(600)).unwrap());
        let claim = match self.chance(20) {
            0 => Some(Claim::Undeliverable),
            1 => Some(Claim::Accepted),
            2 => Some(Claim::RefusedByDevice),
            3 => None,
            _ => Some(Claim::Reached),
        };
        if let Some(claim) = claim {
            self.later.insert((self.now + after, device, attempt), claim);
        }
        Claim::HandedOver
    }

    /// Receipts whose time has come.
    fn receipts(&mut self) {
        while let Some(entry) = self.later.first_entry() {
            let ((at, device, attempt), claim) = (*entry.key(), *entry.get());
            if at > self.now {
                return;
            }
            entry.remove();
            self.records[usize::try_from(device).unwrap()].add(Evidence::new(claim, attempt, at));
            let of = |(first, size, _): &(u32, u32, u64)| (*first..first + size).contains(&device);
            let chunk = self.chunks.iter().position(of).unwrap();
            self.count(ChunkId(u32::try_from(chunk).unwrap()));
        }
    }

    fn count(&mut self, id: ChunkId) {
        let report = self.report(id);
        self.campaign.update(id, report);
    }

    fn report(&mut self, id: ChunkId) -> Report {
        let (first, size, version) = &mut self.chunks[usize::try_from(id.0).unwrap()];
        *version += 1;
        let range = usize::try_from(*first).unwrap()..usize::try_from(*first + *size).unwrap();
        let records = &self.records[range];
        let (mut tally, now) = (Tally::default(), self.now);
        let step = |record: &Record| record.step(self.campaign.policy(), &ROUTES, now);
        for record in records {
            tally += Tally::of(record, step(record), PATIENCE, now);
        }
        let due = records.iter().filter_map(|record| step(record).due(now)).min();
        let silent = records.iter().filter_map(|record| record.falls_silent(PATIENCE));
        let silent = silent.filter(|at| *at > now).min();
        Report { tally, due, silent, version: *version }
    }

    fn check_rules(&self) {
        let (tally, stop) = (self.campaign.tally(), self.plan.stop);
        for rule in Rule::ALL {
            let (count, of) = (rule.count(tally), tally.begun);
            let is_judged = of >= stop.least.min(tally.devices()) || rule == Rule::Contradicted;
            let seen = self.campaign.snapshot().seen.iter().find(|seen| seen.rule == rule);
            let is_news = seen.is_none_or(|seen| count > seen.count);
            if is_judged && is_news && stop.allowed(rule).is_exceeded(count, of) {
                assert_ne!(self.campaign.phase(), Phase::Running, "{rule:?}: {count} of {of}");
            }
        }
        let sum = self.campaign.waves().iter().fold(Tally::default(), |mut sum, wave| {
            sum += *wave;
            sum
        });
        assert_eq!(sum, *tally);
        assert_eq!(tally.devices(), u64::from(self.plan.devices));
    }

    fn sleep(&mut self) {
        let wake = self.campaign.wake(self.now);
        let receipt = self.later.keys().next().map(|(at, ..)| *at);
        let next = wake.into_iter().chain(receipt).min().expect("it waits for something");
        assert!(next > self.now, "it is told to wake at once, and there is nothing to do");
        self.now = next;
    }

    /// A number below this.
    fn chance(&mut self, below: u64) -> u64 {
        self.chance = self
            .chance
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.chance >> 33) % below.max(1)
    }
}
