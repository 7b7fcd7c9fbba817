//! The platform: what stands in for `std` on a device. Memory, output, and the end by a panic.
//!
//! The product forbids `unsafe`. It can, because a device's platform brings what cannot be had
//! without it: an allocator hands out raw memory, and a system is entered by C. This file is such
//! a platform, for the host that the proof runs on. It is no part of the product, nothing of
//! the product depends on it, and every use is told why it holds.
#![allow(unsafe_code, reason = "a platform has no other way to memory and to the system")]

use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;
use core::ffi::{c_char, c_int, c_void};
use core::fmt::{self, Write};
use core::panic::PanicInfo;
use core::ptr;
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};

#[link(name = "c")]
unsafe extern "C" {
    fn write(file: c_int, octets: *const c_void, count: usize) -> isize;
    fn _exit(code: c_int) -> !;
}

/// Where the system enters.
// SAFETY: nothing else of this program is named `main`, and the signature is that of C.
#[unsafe(no_mangle)]
extern "C" fn main(_count: c_int, _arguments: *const *const c_char) -> c_int {
    if crate::run(&mut Output { file: STDOUT }) { DONE } else { FAILED }
}

#[panic_handler]
fn panicked(info: &PanicInfo<'_>) -> ! {
    // The end is near; whether the words arrive changes nothing.
    let _ = writeln!(Output { file: STDERR }, "{info}");
    // SAFETY: takes a number and does not come back.
    unsafe { _exit(PANICKED) }
}

/// The `alloc` of hosts that can unwind names the two below, though nothing here unwinds: a panic
/// ends the program above. That of microcontrollers names neither.
// SAFETY: never called.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}

/// See [`rust_eh_personality`].
// SAFETY: never called; if it were, it would not come back, as its caller expects.
#[unsafe(no_mangle)]
extern "C" fn _Unwind_Resume() -> ! {
    // SAFETY: takes a number and does not come back.
    unsafe { _exit(PANICKED) }
}

const DONE: c_int = 0;
const FAILED: c_int = 1;
const PANICKED: c_int = 101;

const STDOUT: c_int = 1;
const STDERR: c_int = 2;

/// A file of the process.
pub struct Output {
    file: c_int,
}

impl Write for Output {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text.as_bytes();
        while !rest.is_empty() {
            // SAFETY: `write` reads as many octets as `rest` has, and keeps no pointer to them.
            let taken = unsafe { write(self.file, rest.as_ptr().cast(), rest.len()) };
            let taken = usize::try_from(taken).map_err(|_| fmt::Error)?;
            rest = rest.get(taken..).filter(|_| taken > 0).ok_or(fmt::Error)?;
        }
        Ok(())
    }
}

/// The most octets that were in use at one time.
pub fn peak() -> usize {
    MEMORY.peak.load(Relaxed)
}

/// An allocator for a program that ends soon: it goes through its arena once, and takes back only
/// what it handed out last. A device brings one that takes back everything.
struct Arena {
    octets: UnsafeCell<[u8; ARENA]>,
    /// Where the free part begins.
    next: AtomicUsize,
    in_use: AtomicUsize,
    peak: AtomicUsize,
}

/// Several times what the proof asks for in all.
const ARENA: usize = 1 << 20;

#[global_allocator]
static MEMORY: Arena = Arena {
    octets: UnsafeCell::new([0; ARENA]),
    next: AtomicUsize::new(0),
    in_use: AtomicUsize::new(0),
    peak: AtomicUsize::new(0),
};

// SAFETY: the program has one thread. The octets are never touched through the cell, only
// through the pointers that `alloc` hands out.
unsafe impl Sync for Arena {}

// SAFETY: `alloc` yields null, or octets inside the arena from `start` on, aligned as asked and
// behind all that are in use: `next` goes back only over the block that was handed out last.
unsafe impl GlobalAlloc for Arena {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let base = self.octets.get().cast::<u8>();
        let next = self.next.load(Relaxed);
        let padding = base.wrapping_add(next).align_offset(layout.align());
        let Some(start) = next.checked_add(padding) else { return ptr::null_mut() };
        let Some(end) = start.checked_add(layout.size()).filter(|end| *end <= ARENA) else {
            return ptr::null_mut();
        };
        self.next.store(end, Relaxed);
        let in_use = self.in_use.load(Relaxed) + layout.size();
        self.in_use.store(in_use, Relaxed);
        self.peak.fetch_max(in_use, Relaxed);
        base.wrapping_add(start)
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        let base = self.octets.get().cast::<u8>();
        let start = block as usize - base as usize;
        if start + layout.size() == self.next.load(Relaxed) {
            self.next.store(start, Relaxed);
        }
        self.in_use.store(self.in_use.load(Relaxed) - layout.size(), Relaxed);
    }
}
