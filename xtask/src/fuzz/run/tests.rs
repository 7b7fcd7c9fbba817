use super::*;

const GOOD: &str = "\
INFO: Seed: 1\n\
#2\tINITED cov: 12 ft: 13 corp: 1/1b exec/s: 0 rss: 28Mb\n\
#512\tNEW    cov: 1250 ft: 3258 corp: 812/60Kb lim: 512 exec/s: 17084 rss: 30Mb L: 18/491 MS: 2\n\
#600\tDONE   cov: 1305 ft: 3259 corp: 813/60Kb lim: 512 exec/s: 16103 rss: 30Mb\n\
stat::number_of_executed_units: 600\n\
stat::average_exec_per_sec:     300\n";

const BAD: &str = "\
#185\tNEW    cov: 2360 ft: 7491 corp: 76/30Kb lim: 1353 exec/s: 0 rss: 29Mb L: 1353/1353 MS: 1\n\
\n\
thread '<unnamed>' (1) panicked at src/c14n.rs:44:55:\n\
it was parsed\n\
stack backtrace:\n\
==7== ERROR: libFuzzer: deadly signal\n\
artifact_prefix='/a/'; Test unit written to /a/crash-00ff\n\
stat::number_of_executed_units: 198\n";

#[test]
fn the_figures_are_the_last_ones_printed() {
    let printed = Printed::read(GOOD.as_bytes());
    let figures = (printed.executions, printed.coverage, printed.corpus);
    assert_eq!(figures, (600, 1305, 813));
    assert_eq!((printed.artifact, printed.said), (None, vec![]));
}

#[test]
fn a_breach_is_named_with_its_input() {
    let printed = Printed::read(BAD.as_bytes());
    assert_eq!(printed.artifact.as_deref(), Some(Path::new("/a/crash-00ff")));
    assert_eq!(printed.executions, 198);
    assert!(printed.said[0].ends_with("panicked at src/c14n.rs:44:55:"), "{:?}", printed.said);
    assert_eq!(printed.said[1], "it was parsed");
}

#[test]
fn processor_time_is_user_and_system_together() {
    let stat = "7 (a (b) c) S 1 2 3 4 5 6 7 8 9 10 120 30 0 0 20 0 1 0 99";
    assert_eq!(processor_time_in(stat), Some(Duration::from_millis(1500)));
    assert_eq!(processor_time_in("7 (a"), None);
}

#[test]
fn sums_are_kept_from_run_to_run() {
    let folder = std::env::temp_dir().join(format!("xtask-fuzz-{}", std::process::id()));
    let file = folder.join("sums").join("wsp");
    assert_eq!(Sums::read(&file), Sums::default());
    let sums = Sums { cpu: Duration::from_millis(12_345), executions: 9 };
    sums.write(&file).unwrap();
    assert_eq!(Sums::read(&file), sums);
    fs::remove_dir_all(folder).unwrap();
}

/// A run of a program with this text, or of one that is not there.
fn run_of(name: &str, program: Option<&str>) -> Run {
    let folder = std::env::temp_dir().join(format!("xtask-fuzz-{name}-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let places = Places { fuzz: folder.clone(), state: folder.clone() };
    if let Some(text) = program {
        let mut shell = Command::new("sh");
        shell.args(["-c", "printf '%s' \"$1\" >\"$2\"; chmod +x \"$2\"", "sh", text]);
        assert!(shell.arg(folder.join(name)).status().unwrap().success());
    }
    let run = once(&Target::named(name), &places, &folder, 1);
    fs::remove_dir_all(folder).unwrap();
    run
}

#[test]
fn a_target_that_is_not_there_is_not_run_and_no_crash() {
    let run = run_of("none", None);
    assert!(!run.is_good() && !run.is_crash(), "{run:?}");
    assert!(run.not_run.as_ref().unwrap().contains("/none: "), "{run:?}");
}

#[cfg(unix)]
#[test]
fn what_cannot_be_executed_or_cannot_begin_is_not_run_and_no_crash() {
    for (name, program, why) in [
        ("foreign", "#!/no/such/shell\n", "foreign"),
        ("silent", "#!/bin/sh\nexit 127\n", "code 127"),
        ("begins", "#!/bin/sh\necho 'ParseDictionaryFile: error' >&2; exit 1\n", "ParseDictionary"),
    ] {
        let run = run_of(name, Some(program));
        assert!(!run.is_good() && !run.is_crash(), "{run:?}");
        assert!(run.not_run.as_ref().unwrap().contains(why), "{run:?}");
    }
}

#[cfg(unix)]
#[test]
fn what_ends_by_a_signal_or_with_an_input_is_a_crash() {
    for (name, program) in [
        ("signal", "#!/bin/sh\nkill -ABRT $$\n"),
        ("code", "#!/bin/sh\nexit 77\n"),
        ("input", "#!/bin/sh\necho 'Test unit written to /a/crash-00ff' >&2; exit 1\n"),
    ] {
        let run = run_of(name, Some(program));
        assert!(run.is_crash() && run.not_run.is_none(), "{run:?}");
    }
    assert!(run_of("well", Some("#!/bin/sh\n")).is_good());
}
