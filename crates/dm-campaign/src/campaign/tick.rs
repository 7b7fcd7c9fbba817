//! What a campaign does by itself: it opens gates, pauses by its stop rules, and ends.

use alloc::vec::Vec;

use jiff::Timestamp;

use super::{By, Campaign, Chunk, Phase, Transition, Why};
use crate::{Broken, Gate, Membership, Rule, Share};

impl Campaign {
    /// Looks at what came, and does what the policy says.
    #[must_use = "what changed has to be kept"]
    pub fn tick(&mut self, now: Timestamp) -> Vec<Transition> {
        let mut changes = Vec::new();
        while self.state.phase == Phase::Running {
            let Some((to, why)) = self.next(now) else { break };
            if let Why::Gate(..) = why {
                self.open_next(now);
            }
            changes.push(self.go(to, By::Policy, why, now));
        }
        // Who waits, waits until the time is over, and not longer.
        if self.state.phase == Phase::Paused && self.is_expired(now) {
            changes.push(self.go(Phase::Finished, By::Policy, Why::Expired, now));
        }
        changes
    }

    /// When to ask again, if nothing comes before.
    #[must_use]
    pub fn wake(&self, now: Timestamp) -> Option<Timestamp> {
        if !matches!(self.state.phase, Phase::Running | Phase::Paused) {
            return self.state.chunks.iter().filter_map(|chunk| chunk.silent).min();
        }
        let chunks = self.state.chunks.iter();
        let ready = |chunk: &Chunk| {
            let at = self.ready(chunk).filter(|_| self.state.phase == Phase::Running)?.max(now);
            Some(self.quiet_ends(chunk, at).unwrap_or(at))
        };
        let ready = chunks.clone().filter_map(ready);
        let silent = chunks.clone().filter_map(|chunk| chunk.silent);
        // What is over ends when the last lease does.
        let expiry = self.state.policy.expiry;
        let leases = chunks.filter_map(|chunk| chunk.lease).map(|(_, until)| until);
        let end = leases.filter(|until| *until > expiry).min().unwrap_or(expiry);
        ready.chain(silent).chain([if now < expiry { expiry } else { end }]).min()
    }

    fn next(&self, now: Timestamp) -> Option<(Phase, Why)> {
        if let Some(broken) = Rule::ALL.into_iter().find_map(|rule| self.broken(rule)) {
            return Some((Phase::Paused, Why::Broken(broken)));
        }
        if self.is_expired(now) {
            return Some((Phase::Finished, Why::Expired));
        }
        let is_last = usize::from(self.state.wave) + 1 >= self.waves.len();
        if !is_last {
            return self.gate_opens().map(|why| (Phase::Running, why));
        }
        let is_settled = self.total.settled >= self.total.devices();
        // More devices may come to one that is live.
        let is_fixed = self.state.policy.membership == Membership::Fixed;
        (is_settled && is_fixed).then_some((Phase::Finished, Why::Settled))
    }

    /// Whether a stop rule does not hold: nothing is begun then, also before the next [`tick`](Self::tick) says so.
    pub(super) fn is_halted(&self) -> bool {
        Rule::ALL.into_iter().any(|rule| self.broken(rule).is_some())
    }

    /// A stop rule that does not hold, and of which nobody has said yet that it is seen.
    pub(super) fn broken(&self, rule: Rule) -> Option<Broken> {
        let allowed = self.state.policy.stop.allowed(rule);
        let (count, of) = (rule.count(&self.total), self.total.begun);
        if matches!(allowed, Share::Part(_))
            && of < self.state.policy.stop.least.min(self.total.devices())
        {
            return None;
        }
        let seen = self.state.seen.iter().find(|seen| seen.rule == rule);
        // Who went on allowed what there was, in numbers; and more only as the rule itself allows more.
        let is_news = seen.is_none_or(|seen| count > seen.count);
        (is_news && allowed.is_exceeded(count, of)).then_some(Broken { rule, count, of, allowed })
    }

    fn gate_opens(&self) -> Option<Why> {
        let wave = self.waves.get(usize::from(self.state.wave))?;
        let gate = self.state.policy.gate(self.state.wave);
        let (count, wanted) = match gate {
            Gate::Open => (wave.begun, wave.devices()),
            Gate::ByHand => return None,
            Gate::Rung { rung, share } => (wave.at_least(rung), share.of(wave.devices())),
        };
        (count >= wanted).then_some(Why::Gate(gate, count))
    }

    pub(super) fn open_next(&mut self, now: Timestamp) {
        self.state.wave = self.state.wave.saturating_add(1);
        let wave = self.state.wave;
        for chunk in self.state.chunks.iter_mut().filter(|chunk| chunk.wave == wave) {
            chunk.due = chunk.due.map(|due| due.max(now));
        }
    }

    /// Whether nothing is begun any more, and nobody has a chunk in which something was.
    fn is_expired(&self, now: Timestamp) -> bool {
        let is_held = |chunk: &Chunk| chunk.lease.is_some_and(|(_, until)| until > now);
        now >= self.state.policy.expiry && !self.state.chunks.iter().any(is_held)
    }
}
