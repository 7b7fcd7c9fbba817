//! The small agent: UDP and spool folder only, built for size, and whether it stays small.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::outcome::Outcome;
use crate::process;
use crate::workspace::Workspace;

/// `cargo xtask small [--static]`.
pub fn run(workspace: &Workspace, args: &[String]) -> ExitCode {
    let build = match args {
        [] => &SHARED,
        [only] if only == "--static" => &STATIC,
        _ => {
            eprintln!("xtask small: only --static is understood");
            return ExitCode::from(2);
        }
    };
    let outcome = build.run(workspace);
    println!("{outcome}");
    if outcome.is_failure() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// What `minimal` leaves out must not be missed by what is left: `cargo xtask test`.
pub fn check(workspace: &Workspace) -> Outcome {
    let mut cargo = process::cargo(&workspace.root);
    cargo.args(["clippy", "-p", "mgram-agent", "-p", "dm-agent", "-p", "dm-crypto"]);
    cargo.args(["--no-default-features", "--features", "mgram-agent/minimal"]);
    cargo.args(["--", "-D", "warnings"]);
    Outcome::of(process::succeeds(&mut cargo), "no warnings", "`minimal` is not what it was")
}

/// A way to build it.
struct Build {
    target: &'static str,
    /// What the linker is, if it is not that of the target, and what stands before its flags.
    linker: Option<&'static str>,
    before: &'static str,
    /// What it has today, and a little; the aim is 2 MB (docs/device-guide.md: why it is missed).
    most_octets: u64,
    needs: &'static str,
}

/// With the C library of the system.
const SHARED: Build = Build {
    target: "x86_64-unknown-linux-gnu",
    linker: None,
    before: "-Wl,",
    most_octets: 3_110_000,
    needs: "",
};

/// With a C library of its own, of which only what is called is there: less is resident.
const STATIC: Build = Build {
    target: "x86_64-unknown-linux-musl",
    linker: Some("-Clinker=rust-lld"),
    before: "",
    most_octets: 3_215_000,
    needs: "; `rustup target add x86_64-unknown-linux-musl` and musl-gcc (musl-tools) bring what it \
            needs",
};

impl Build {
    fn run(&self, workspace: &Workspace) -> Outcome {
        let mut cargo = process::cargo(&workspace.root);
        // A target of its own folder, so that flags for it are none of programs that run while building.
        let folder = workspace.target.join("small-agent");
        cargo.args(["build", "--profile", "small", "-p", "mgram-agent", "--no-default-features"]);
        cargo.args(["--features", "minimal", "--target", self.target]);
        cargo.env("CARGO_ENCODED_RUSTFLAGS", self.rust_flags(workspace)).env("CFLAGS", C_FLAGS);
        cargo.env("CARGO_TARGET_DIR", &folder);
        if !process::succeeds(&mut cargo) {
            return Outcome::failed(format!("the small agent does not build{}", self.needs));
        }
        let binary = folder.join(self.target).join("small/mgram-agent");
        match std::fs::metadata(&binary) {
            Ok(metadata) => {
                let (octets, shown) = (metadata.len(), binary.display());
                let sentence = format!("{octets} octets, at most {}: {shown}", self.most_octets);
                Outcome::of(octets <= self.most_octets, &sentence, &sentence)
            }
            Err(error) => Outcome::failed(format!("{}: {error}", binary.display())),
        }
    }

    /// As cargo takes flags that may have spaces in them.
    fn rust_flags(&self, workspace: &Workspace) -> String {
        let mut flags: Vec<String> = self.linker.into_iter().map(str::to_owned).collect();
        flags.extend(RUST_FLAGS.iter().map(|&flag| flag.to_owned()));
        let script = workspace.root.join("packaging/no-unwinding.ld");
        let script = format!("--script={}", script.display());
        let linked = LINK_FLAGS.iter().copied().chain([script.as_str()]);
        flags.extend(linked.map(|flag| format!("-Clink-arg={}{flag}", self.before)));
        flags.extend(sources().iter().map(|at| format!("--remap-path-prefix={}=", at.display())));
        flags.join("\x1f")
    }
}

/// Where the sources of other packages lie: a place of this machine, which every panic would name.
fn sources() -> Vec<PathBuf> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
    let folders = home.and_then(|home| std::fs::read_dir(home.join("registry/src")).ok());
    folders.into_iter().flatten().flatten().map(|folder| folder.path()).collect()
}

/// No tables for unwinding, as a panic ends the program; runs of instructions that are the same, once.
const RUST_FLAGS: &[&str] =
    &["-Cforce-unwind-tables=no", "-Cllvm-args=-enable-machine-outliner=always"];
/// Relocations in their short form; functions that are the same, once; no index of the tables.
const LINK_FLAGS: &[&str] = &["-zpack-relative-relocs", "--icf=all", "--no-eh-frame-hdr"];
/// Small tables of curves, no second way of doing things for AVX, and only what is called.
const C_FLAGS: &str = "-DOPENSSL_SMALL -DMY_ASSEMBLER_IS_TOO_OLD_FOR_AVX \
                       -ffunction-sections -fdata-sections \
                       -fno-asynchronous-unwind-tables -fno-unwind-tables";
