mod acts;
mod world;

use jiff::SignedDuration;
use proptest::prelude::*;
use proptest::strategy::ValueTree;

use self::world::{Plan, World};
use super::*;
use crate::{Gate, Share, Status, Wave};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// A whole campaign, with workers that die, receipts that come late, and restarts. What must always hold is
    /// checked in the world, at each step: rates, quiet hours, waves, stop rules, one attempt a number.
    #[test]
    fn whatever_happens_the_policy_is_kept_and_it_comes_to_an_end(plan in Plan::any()) {
        let mut world = World::new(&plan);
        world.run();
        prop_assert!(matches!(world.campaign.phase(), Phase::Finished), "{:?}", world.campaign.phase());
        let is_late = world.transitions.last().is_some_and(|last| last.why == Why::Expired);
        for (index, record) in world.records.iter().enumerate().filter(|_| !is_late) {
            prop_assert!(record.status() != Status::Drafted, "device {} was forgotten", index);
        }
    }

    /// A campaign that is taken from its snapshot at every step does what one does that goes on. Rates aside: those
    /// start as used up.
    #[test]
    fn a_restart_at_any_point_changes_nothing(plan in Plan::any()) {
        let plan = Plan { rate: None, ..plan };
        let mut goes_on = World::new(&plan);
        let mut restarts = World::new(&plan);
        restarts.restarts_always = true;
        goes_on.run();
        restarts.run();
        prop_assert_eq!(goes_on.transitions, restarts.transitions);
        prop_assert_eq!(goes_on.begun, restarts.begun);
        prop_assert_eq!(goes_on.records, restarts.records);
    }
}

#[test]
fn a_snapshot_is_text_and_back() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for _ in 0..20 {
        let plan = Plan::any().new_tree(&mut runner).unwrap().current();
        let mut world = World::new(&plan);
        world.steps(30);
        let text = serde_json::to_string(world.campaign.snapshot()).unwrap();
        assert_eq!(&serde_json::from_str::<Snapshot>(&text).unwrap(), world.campaign.snapshot());
    }
}
