//! What people do with a campaign. Each of it has an author and a reason.

use alloc::string::String;

use jiff::Timestamp;

use super::{Act, By, Campaign, Phase, Transition, Why};
use crate::{Gate, Refusal, Rule};

impl Campaign {
    /// Does it, if the phase allows it.
    ///
    /// # Errors
    /// [`Refusal`]; nothing is changed then.
    pub fn act(
        &mut self,
        act: Act,
        by: By,
        reason: String,
        now: Timestamp,
    ) -> Result<Transition, Refusal> {
        if reason.trim().is_empty() {
            return Err(Refusal::Reason);
        }
        let to = self.after(act)?;
        match act {
            Act::OpenGate => self.open_by_hand(now)?,
            // What was seen is seen: the rules look at what comes on top.
            Act::Resume => self.see(),
            Act::RetryFailed if now >= self.state.policy.expiry => return Err(Refusal::Expired),
            Act::RetryFailed | Act::Approve | Act::Start | Act::Pause | Act::Stop => {}
        }
        Ok(self.go(to, by, Why::Said(reason), now))
    }

    /// The phase behind it.
    const fn after(&self, act: Act) -> Result<Phase, Refusal> {
        let phase = self.state.phase;
        match (act, phase) {
            (Act::Approve, Phase::Planned) => Ok(Phase::Approved),
            (Act::Start, Phase::Approved)
            | (Act::Resume, Phase::Paused)
            | (Act::RetryFailed, Phase::Running | Phase::Finished) => Ok(Phase::Running),
            (Act::Pause, Phase::Running) | (Act::RetryFailed, Phase::Paused) => Ok(Phase::Paused),
            (Act::OpenGate, Phase::Running | Phase::Paused) => Ok(phase),
            (Act::Stop, Phase::Planned | Phase::Approved | Phase::Running | Phase::Paused) => {
                Ok(Phase::Stopped)
            }
            _ => Err(Refusal::Phase { phase }),
        }
    }

    fn open_by_hand(&mut self, now: Timestamp) -> Result<(), Refusal> {
        let wave = self.state.wave;
        let waits = self.state.policy.gate(wave) != Gate::Open;
        if !waits || usize::from(wave) + 1 >= self.waves.len() {
            return Err(Refusal::NoGate { wave: wave.saturating_add(1) });
        }
        self.open_next(now);
        Ok(())
    }

    fn see(&mut self) {
        let broken = Rule::ALL.into_iter().filter_map(|rule| self.broken(rule));
        let broken: alloc::vec::Vec<_> = broken.collect();
        for broken in broken {
            self.state.seen.retain(|seen| seen.rule != broken.rule);
            self.state.seen.push(broken);
        }
    }
}
