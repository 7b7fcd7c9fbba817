//! `mgram lab` between `mgram push` and a device: the faults that the seed decides, and what is said of them.

use std::io::{BufRead, BufReader, Read};
use std::net::UdpSocket;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use super::bench::{Bench, Said};

/// A lab, or another command, that runs beside.
pub struct Beside {
    child: Child,
    out: BufReader<ChildStdout>,
}

impl Beside {
    pub fn start(bench: &Bench, arguments: &[&str]) -> Self {
        let mut command = bench.command(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("started");
        let out = BufReader::new(child.stdout.take().expect("piped"));
        Self { child, out }
    }

    pub fn line(&mut self) -> String {
        let mut line = String::new();
        self.out.read_line(&mut line).expect("a line");
        line
    }

    /// Where the next part listens.
    fn place(&mut self) -> String {
        let line = self.line();
        match serde_json::from_str::<Value>(&line) {
            Ok(value) => value["at"].as_str().expect("a place").to_owned(),
            Err(_) => line.split_once(": ").expect("a place").1.trim().to_owned(),
        }
    }

    /// Ends it as an operator does; what it said since.
    pub fn end(mut self) -> Said {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").arg(id).status().expect("kill");
        assert!(sent.success(), "it runs still");
        let (mut out, mut err) = (String::new(), String::new());
        self.out.read_to_string(&mut out).expect("text");
        let stderr = self.child.stderr.as_mut().expect("piped");
        stderr.read_to_string(&mut err).expect("text");
        let code = self.child.wait().expect("ended").code().expect("not killed");
        Said { code, out, err }
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        let _ = self.child.kill(); // it has ended, unless the test failed
        let _ = self.child.wait();
    }
}

/// Where everything goes, and what comes there.
struct Sink(UdpSocket);

impl Sink {
    fn new() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("bound");
        socket.set_read_timeout(Some(Duration::from_secs(20))).expect("set");
        Self(socket)
    }

    fn address(&self) -> String {
        self.0.local_addr().expect("an address").to_string()
    }

    fn next(&self) -> Vec<u8> {
        let mut octets = vec![0; 70_000];
        let length = self.0.recv(&mut octets).expect("a datagram");
        octets.truncate(length);
        octets
    }

    /// All that came by now.
    fn rest(self) -> Vec<Vec<u8>> {
        self.0.set_nonblocking(true).expect("set");
        let mut octets = vec![0; 70_000];
        std::iter::from_fn(|| self.0.recv(&mut octets).ok().map(|length| octets[..length].to_vec()))
            .collect()
    }
}

fn push<'a>(message: &'a str, to: &'a str) -> [&'a str; 5] {
    ["push", message, "--danger-unprotected", "--to", to]
}

const TO: &str = "WAPPUSH=+358401234567/TYPE=PLMN@ppg.example";

/// What happens to 20 pushes over the bearer, and how many datagrams come of them.
fn through_the_bearer(bench: &Bench, seed: &str) -> (Vec<String>, usize) {
    let sink = Sink::new();
    let faults = ["--seed", seed, "--lose", "25%", "--duplicate", "25%", "--to"];
    let sink_at = sink.address();
    let lab = ["--json", "lab", "--bearer"];
    let mut lab = Beside::start(bench, &[&lab[..], &faults, &[&sink_at]].concat());
    let bearer = lab.place();
    for _ in 0..20 {
        bench.done(&push("set.wbxml", &bearer));
    }
    let said = lab.end();
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    let (came, message) = (sink.rest(), bench.read("set.wbxml"));
    assert!(came.iter().all(|octets| octets.ends_with(&message)));
    // Where a push came from is a port that was free: no matter of the seed.
    let events = said.out.lines().filter(|line| !line.contains("\"submitted\",\"id\""));
    (events.map(str::to_owned).collect(), came.len())
}

#[test]
fn the_same_seed_does_the_same_to_the_same_pushes() {
    let bench = Bench::ready();
    let first = through_the_bearer(&bench, "7");
    assert_eq!(first, through_the_bearer(&bench, "7"));
    assert_ne!(first, through_the_bearer(&bench, "8"));
    let (events, came) = first;
    let count = |words: &str| events.iter().filter(|line| line.contains(words)).count();
    let (once, twice) = (count("\"detail\":\"once\""), count("\"detail\":\"twice\""));
    assert_eq!(once + twice + count("\"detail\":\"lost\""), 20);
    assert!(once + twice < 20 && twice > 0 && came == once + 2 * twice, "{came}: {events:#?}");
    let counts: Value = serde_json::from_str(events.last().expect("counts")).expect("JSON");
    assert_eq!((&counts["event"], &counts["by"]), (&"counts".into(), &"bearer".into()));
    assert_eq!((&counts["submitted"], &counts["carried"]), (&20.into(), &20.into()));
    assert_eq!(counts["delivered"], once + twice);
}

#[test]
fn segments_that_come_twice_and_out_of_order_are_one_push_at_the_device() {
    let (bench, sink) = (Bench::ready(), Sink::new());
    let faults = ["--seed", "3", "--duplicate", "40%", "--reorder", "40%", "--delay", "0ms..20ms"];
    let sink_at = sink.address();
    let lab = [&["lab", "--sms-centre", "--to", &sink_at][..], &faults].concat();
    let mut lab = Beside::start(&bench, &lab);
    let to = format!("{}/+358401234567", lab.place());
    bench.write("password", "secret\n");
    let login = ["--user", "mgram", "--password-file", "password", "--wait", "reached"];
    let said = bench.done(&[&push("set.wbxml", &to)[..], &login].concat());
    assert!(said.contains(": reached, which does not prove"), "{said}");
    assert!(sink.next().ends_with(&bench.read("set.wbxml")));
    let count = said.split(' ').next().expect("a number of segments");
    let counts =
        format!("{count} submitted, 0 refused, {count} carried, 0 lost, {count} delivered");
    let said = lab.end();
    assert!(said.out.starts_with(&format!("sms-centre: {counts}, ")), "{said:?}");
}

#[test]
fn what_waits_too_long_for_a_device_that_sleeps_expires_and_who_sent_is_told() {
    let bench = Bench::ready();
    let sleep = ["--sleep", "100%", "--asleep", "1h", "--validity", "100ms"];
    let mut lab = Beside::start(&bench, &[&["--json", "lab", "--sms-centre"][..], &sleep].concat());
    let to = format!("{}/+358401234567", lab.place());
    bench.write("password", "secret\n");
    let login = ["--user", "mgram", "--password-file", "password", "--wait", "reached"];
    let said = bench.run(&[&push("set.wbxml", &to)[..], &login].concat());
    assert!(said.code == 1 && said.err.contains("the transport says: expired"), "{said:?}");
    let events = lab.end().out;
    let of = |words: &str| events.lines().filter(|line| line.contains(words)).count();
    let lost = "\"detail\":\"expired\",\"event\":\"lost\"";
    let told = "\"detail\":\"EXPIRED\",\"event\":\"receipt\"";
    assert!(of(lost) > 3 && of(told) >= of(lost), "{events}");
    assert_eq!((of("\"event\":\"carried\""), of("\"event\":\"submitted\"")), (of(lost), of(lost)));
}

#[test]
fn the_gateway_answers_as_it_is_told_and_may_lose_what_it_took() {
    let (bench, sink) = (Bench::ready(), Sink::new());
    let answers = ["--answer", "4001", "--answer", "lose"];
    let sink_at = sink.address();
    let mut lab =
        Beside::start(&bench, &[&["lab", "--gateway", "--to", &sink_at][..], &answers].concat());
    let to = format!("pap+{}#{TO}", lab.place());
    let busy = bench.run(&push("set.wbxml", &to));
    assert!(busy.code == 1 && busy.err.contains("4001"), "{busy:?}");
    let said = bench.done(&push("set.wbxml", &to));
    assert!(said.contains(": handed over (PAP 1001), which does not prove"), "{said}");
    let said = bench.done(&[&push("set.wbxml", &to)[..], &["--id", "other"]].concat());
    assert!(said.contains(": handed over (PAP 1001), which does not prove"), "{said}");
    assert!(sink.next().ends_with(&bench.read("set.wbxml")));
    let said = lab.end();
    assert_eq!(
        said.out,
        "gateway: 2 submitted, 1 refused, 1 carried, 1 lost, 1 delivered, 0 receipts\n"
    );
    assert!(sink.rest().is_empty(), "what it lost, it lost");
}

#[test]
fn a_file_of_settings_is_read_and_what_is_wrong_in_it_is_said() {
    let bench = Bench::ready();
    bench.write(
        "lab.toml",
        "seed = 7\n[faults]\ndelay = \"0ms..5ms\"\n[devices]\n358401234567 = \"127.0.0.1:9\"\n\
         [gateway]\nuser = \"pi\"\npassword = \"pipass\"\nanswer = [\"cut\"]\n\
         answer_to = { 358407654321 = \"2003\" }\nnotices = { lose = \"1%\" }\n\
         [sms_centre]\nper_second = 5\nduplicate_receipts = \"5%\"\n",
    );
    let mut lab = Beside::start(&bench, &["lab", "--config", "lab.toml"]);
    assert!(lab.line().starts_with("sms-centre: smpp://127.0.0.1:"));
    let to = format!("pap+{}#{TO}", lab.place());
    bench.fails(1, &push("set.wbxml", &to), &["401"]);
    bench.write("password", "pipass\n");
    let login = ["--user", "pi", "--password-file", "password"];
    let said = bench.run(&[&push("set.wbxml", &to)[..], &login].concat());
    assert!(said.code == 1 && said.err.contains("may have arrived"), "{said:?}");
    let other = to.replace("358401234567", "358407654321");
    let refused = bench.run(&[&push("set.wbxml", &other)[..], &login, &["--id", "b"]].concat());
    assert!(refused.code == 1 && refused.err.contains("2003"), "{refused:?}");
    assert!(lab.end().out.contains("gateway: 1 submitted, 1 refused, 1 carried"), "its counts");
    for (text, words) in [
        ("seeds = 7\n", "line 1: unknown field `seeds`"),
        ("[faults]\n\nlose = \"2\"\n", "line 3: `2` is no share: write a percentage"),
        ("[faults]\ndelay = \"2s..1s\"\n", "ends before it begins"),
        ("[gateway]\nanswer = [\"999\"]\n", "write a code of PAP"),
        ("[gateway]\nuser = \"pi\"\n", "go together"),
    ] {
        bench.write("lab.toml", text);
        bench.fails(2, &["lab", "--config", "lab.toml"], &[words, "lab.toml", "docs/lab.md"]);
    }
    bench.fails(2, &["lab", "--config", "none.toml"], &["no such file"]);
}

#[test]
fn an_address_where_it_cannot_listen_is_said() {
    let bench = Bench::ready();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("bound");
    let at = taken.local_addr().expect("an address").to_string();
    for part in ["--sms-centre", "--gateway"] {
        let option = format!("{part}={at}");
        bench.fails(1, &["lab", &option], &["another program listens there", &at]);
    }
    bench.fails(2, &["lab", "--bearer", "--answer", "4001"], &["--answer is of the gateway"]);
    let said = bench.run(&["lab", "--lose", "3"]);
    assert!(said.code == 2 && said.err.contains("write a percentage"), "{said:?}");
}

#[test]
fn its_page_names_every_option() {
    let help = Bench::empty().done(&["lab", "--help"]);
    let options = help.split_whitespace().filter_map(|word| word.strip_prefix("--"));
    let is_name = |it: char| it.is_ascii_lowercase() || it == '-';
    let name = |word: &str| word.chars().take_while(|it| is_name(*it)).collect::<String>();
    let names: std::collections::BTreeSet<_> = options.map(name).collect();
    assert!(names.len() > 15, "{names:?}");
    let page = super::session::page("lab.md");
    for name in names.iter().filter(|name| !["help", "version"].contains(&name.as_str())) {
        assert!(page.contains(&format!("`--{name}")), "--{name}");
    }
}
