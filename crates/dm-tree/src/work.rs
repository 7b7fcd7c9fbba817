//! Work that is counted, so that tests can tell what is linear without a clock.

extern crate std;

use core::cell::Cell;

std::thread_local! {
    static STEPS: Cell<usize> = const { Cell::new(0) };
}

/// A sibling or a step of a transaction was looked at.
pub(crate) fn step() {
    STEPS.set(STEPS.get() + 1);
}

/// How many were looked at meanwhile.
pub(crate) fn of(run: impl FnOnce()) -> usize {
    let before = STEPS.get();
    run();
    STEPS.get() - before
}
