//! A campaign over a store, by a server that is killed at any point and begins again.

use std::collections::BTreeMap;
use std::path::Path;

use dm_campaign::{
    Act, By, Campaign, ChunkId, Claim, Evidence, Grant, Lease, Phase, Policy, Retry, Status, Step,
    Zone,
};
use dm_store::{CampaignId, Member, MemberId, NewMember, Said, Store, StoreError};
use jiff::{SignedDuration, Timestamp};

const DEVICES: u16 = 1_300;

fn start() -> Timestamp {
    Timestamp::from_second(1_790_000_000).expect("a time")
}

fn policy() -> Policy {
    let text = "
        routes = ['sms', 'poll']
        expiry = '2026-10-20T00:00:00Z'
        rates = { sms = '4000/h' }
        waves = [{ size = 100, gate = { rung = 'reached', share = '80 %' } }]
        stop = { undeliverable = '100 %', silent = '100 %' }
        retries.sms = { attempts = 2, wait = '1min', fall_back_after = '1h' }
    ";
    let policy: Policy = toml::from_str(text).expect("a policy");
    policy.check().expect("one that can be kept")
}

/// What devices and routes did, and it is not lost when the server is killed.
#[derive(Default)]
struct Outside {
    chance: u64,
    /// What left: for each device, by attempt, which octets and how often.
    sent: BTreeMap<String, Vec<(u32, Vec<u8>)>>,
    kills: u32,
}

/// The server is killed here.
struct Killed;

struct Server<'a> {
    store: Store,
    id: CampaignId,
    campaign: Campaign,
    outside: &'a mut Outside,
    now: Timestamp,
}

impl Outside {
    fn chance(&mut self, below: u64) -> u64 {
        self.chance = self
            .chance
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.chance >> 33) % below
    }

    /// At each step that leaves something behind, the power may go.
    fn step(&mut self) -> Result<(), Killed> {
        if self.kills < 30 && self.chance(60) == 0 {
            self.kills += 1;
            return Err(Killed);
        }
        Ok(())
    }
}

impl Server<'_> {
    /// As much as there is to do, until the campaign ends.
    fn run(&mut self) -> Result<(), Killed> {
        loop {
            while let Some(chunk) = self.campaign.to_count(self.now) {
                let report =
                    self.store.count_chunk(self.id, chunk, self.campaign.policy(), self.now);
                self.campaign.update(chunk, report.expect("counted"));
            }
            let changes = self.campaign.tick(self.now);
            if !changes.is_empty() {
                self.outside.step()?;
                self.store
                    .keep_campaign(self.id, self.campaign.snapshot(), &[], &changes)
                    .expect("kept");
            }
            if self.campaign.phase() != Phase::Running {
                return Ok(());
            }
            match self.campaign.lease(SignedDuration::from_mins(10), self.now) {
                Some(lease) => self.chunk(&lease)?,
                None => self.now = self.campaign.wake(self.now).expect("something to wait for"),
            }
        }
    }

    fn chunk(&mut self, lease: &Lease) -> Result<(), Killed> {
        let (id, chunk) = (self.id, lease.chunk);
        self.store.keep_campaign(id, self.campaign.snapshot(), &[chunk], &[]).expect("kept");
        self.outside.step()?;
        let policy = self.campaign.policy().clone();
        // Sealed octets are kept before they leave. What another run would seal is other octets: a counter, a nonce.
        let members = self.store.members(id, chunk).expect("read");
        let nonce = self.outside.chance(u64::MAX);
        let without = members.iter().filter(|member| member.message.is_none());
        let sealed = without.map(|it| (it.id, format!("{}:{nonce}", it.device).into_bytes()));
        self.store.keep_messages(sealed.collect()).expect("kept");
        self.outside.step()?;
        let members = self.store.members(id, chunk).expect("read");
        let mut put_off = None;
        for members in members.chunks(100) {
            put_off = put_off.or(self.some(lease, members, &policy)?);
        }
        self.outside.step()?;
        let report = self.store.count_chunk(id, chunk, &policy, self.now);
        let mut report = report.expect("counted");
        report.due = report.due.map(|due| due.max(put_off.unwrap_or(due)));
        self.campaign.settle(lease, report).expect("our own lease");
        self.store.keep_campaign(id, self.campaign.snapshot(), &[chunk], &[]).expect("kept");
        Ok(())
    }

    /// What is next for some devices: what begins is kept before it leaves, and then what came of it.
    fn some(
        &mut self,
        lease: &Lease,
        members: &[Member],
        policy: &Policy,
    ) -> Result<Option<Timestamp>, Killed> {
        loop {
            let records = self.store.records(self.id, lease.chunk).expect("read");
            let (mut begun, mut ended, mut put_off) = (vec![], vec![], None);
            for member in members {
                let record = records.get(&member.id.n).cloned().unwrap_or_default();
                match record.step(policy, &member.routes, self.now) {
                    Step::Send { attempt, route } => {
                        match self.campaign.grant(lease, route, 1, self.now) {
                            Ok(Grant::Now(_)) => begun.push((member, attempt, route)),
                            Ok(Grant::NotBefore(at)) => put_off = Some(at),
                            Err(_) => return Ok(None),
                        }
                    }
                    Step::GiveUp(claim) => ended.push((member, Evidence::new(claim, 0, self.now))),
                    Step::Wait(_) | Step::Settled => {}
                }
            }
            let is_idle = begun.is_empty();
            self.say(
                begun
                    .iter()
                    .map(|(it, attempt, route)| (*it, Evidence::begun(*attempt, *route, self.now))),
            );
            for (member, attempt, _) in begun {
                self.outside.step()?;
                let octets = member.message.clone().expect("sealed");
                let sent = self.outside.sent.entry(member.device.to_string()).or_default();
                sent.push((attempt, octets));
                let claim = match self.outside.chance(10) {
                    0 => Claim::Failed(Retry::Again),
                    1 => Claim::HandedOver,
                    _ => Claim::Reached,
                };
                ended.push((member, Evidence::new(claim, attempt, self.now)));
            }
            self.outside.step()?;
            self.say(ended.into_iter());
            // It waits for its turn with the chunk in its hands: to read it anew for each turn is slow.
            match put_off {
                Some(at) if at < lease.until => self.now = at + SignedDuration::from_secs(30),
                _ if is_idle => return Ok(put_off),
                _ => {}
            }
        }
    }

    fn say<'b>(&self, said: impl Iterator<Item = (&'b Member, Evidence)>) {
        let said =
            said.map(|(it, evidence)| Said { member: it.id, evidence, raw: b"raw".to_vec() });
        self.store.add_evidence(said.collect()).expect("kept");
    }
}

fn new_campaign(path: &Path) -> CampaignId {
    let store = Store::open(path).expect("a store");
    let policy = policy();
    let id = store.new_campaign("apn", &policy, start()).expect("new");
    let again = store.new_campaign("apn", &policy, start());
    assert!(matches!(again, Err(StoreError::Taken(_))));
    let zones = ["Europe/Helsinki", "UTC"].map(|name| Zone::named(name).expect("a zone"));
    let members = (0..DEVICES).map(move |n| {
        let device = format!("meter-{n}").parse().expect("a name");
        let zone = zones[usize::from(n % 2)].clone();
        Ok(NewMember { device, wave: u16::from(n >= 100), zone, routes: vec![0, 1] })
    });
    assert_eq!(store.join(id, members, start()).expect("joined"), u64::from(DEVICES));
    let mut campaign = Campaign::restore(store.snapshot(id).expect("there"), start());
    let by = || By::Author("ann".to_owned());
    let changes = [Act::Approve, Act::Start]
        .map(|act| campaign.act(act, by(), "as planned".to_owned(), start()).expect("possible"));
    store.keep_campaign(id, campaign.snapshot(), &[], &changes).expect("kept");
    id
}

/// Every device gets its message, and never two different ones; evidence is complete; the campaign ends.
#[test]
fn a_server_that_is_killed_at_any_point_loses_nothing_and_sends_the_same_octets() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("fleet.db");
    let id = new_campaign(&path);
    let mut outside = Outside { chance: 7, ..Outside::default() };
    let mut now = start();
    loop {
        let store = Store::open(&path).expect("a store");
        let campaign = Campaign::restore(store.snapshot(id).expect("there"), now);
        let mut server = Server { store, id, campaign, outside: &mut outside, now };
        let outcome = server.run();
        now = server.now + SignedDuration::from_secs(5);
        if outcome.is_ok() {
            break;
        }
    }
    assert_eq!(outside.kills, 30, "it was killed, and often");
    let store = Store::open(&path).expect("a store");
    assert_eq!(store.snapshot(id).unwrap().phase, Phase::Finished, "{:?}", store.transitions(id));
    let mut twice = 0;
    for n in 0..DEVICES {
        let sent = &outside.sent[&format!("meter-{n}")];
        assert!(sent.iter().all(|(_, octets)| *octets == sent[0].1), "the same octets: {sent:?}");
        let attempts: Vec<u32> = sent.iter().map(|(attempt, _)| *attempt).collect();
        assert!(attempts.is_sorted(), "{attempts:?}");
        twice += attempts.windows(2).filter(|pair| pair[0] == pair[1]).count();
    }
    assert!(twice <= 30 * 100, "an attempt is sent again only by a kill: {twice}");
    let chunks = store.snapshot(id).unwrap().chunks.len();
    let mut counted = 0;
    for chunk in (0..u32::try_from(chunks).unwrap()).map(ChunkId) {
        let records = store.records(id, chunk).unwrap();
        for member in store.members(id, chunk).unwrap() {
            let (record, sent) = (&records[&member.id.n], &outside.sent[member.device.as_str()]);
            let begun =
                record.evidence().iter().filter(|it| matches!(it.claim, Claim::Begun { .. }));
            let known: Vec<u32> = begun.map(|it| it.attempt).collect();
            assert!(sent.iter().all(|(attempt, _)| known.contains(attempt)), "nothing left unseen");
            assert_ne!(record.status(), Status::Drafted);
            counted += 1;
        }
    }
    assert_eq!(counted, DEVICES);
}

#[test]
fn a_device_keeps_its_first_message_and_nobody_gets_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("fleet.db");
    let id = new_campaign(&path);
    let store = Store::open(&path).unwrap();
    let first = store.members(id, ChunkId(0)).unwrap().swap_remove(0);
    for octets in [b"first".to_vec(), b"second".to_vec()] {
        store.keep_messages(vec![(first.id, octets)]).unwrap();
    }
    let kept = store.members(id, ChunkId(0)).unwrap().swap_remove(0);
    assert_eq!(kept.message.as_deref(), Some(&b"first"[..]));
    let nobody = MemberId { n: 2_000, ..first.id };
    let none = store.keep_messages(vec![(nobody, b"x".to_vec())]);
    assert!(matches!(none, Err(StoreError::Nobody(id)) if id == nobody));
    let evidence = Evidence::new(Claim::Reached, 1, start());
    let said = |member| Said { member, evidence, raw: b"deliver_sm".to_vec() };
    let none = store.add_evidence(vec![said(first.id), said(nobody)]);
    assert!(matches!(none, Err(StoreError::Nobody(_))));
    assert_eq!(store.evidence(first.id).unwrap(), [], "all or nothing");
    store.add_evidence(vec![said(first.id), said(first.id)]).unwrap();
    store.add_evidence(vec![said(first.id)]).unwrap();
    let kept = store.evidence(first.id).unwrap();
    assert_eq!((kept.len(), &kept[0].raw[..]), (1, &b"deliver_sm"[..]));
}

#[test]
fn the_identity_of_an_attempt_finds_its_device() {
    let id = MemberId { campaign: CampaignId(7), chunk: ChunkId(12), n: 345 };
    assert_eq!(id.attempt(2), "c7.12.345.2");
    assert_eq!(MemberId::of_attempt("c7.12.345.2"), Some((id, 2)));
    for text in [
        "",
        "c7.12.345",
        "7.12.345.2",
        "c7.12.345.2.1",
        "c07.12.345.2",
        "c7.12.345.-2",
        "c7.12.70000.2",
    ] {
        assert_eq!(MemberId::of_attempt(text), None, "{text}");
    }
}
