use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use tokio::time::Instant;

use super::*;
use crate::route::{Outgoing, Plan, PushId, Route, Sending};
use crate::{Limits, SendError};

/// Takes a message in 20 ms for each octet, and of nine octets none.
struct Lab;

impl Route for Lab {
    fn plan(&self, _: &Outgoing) -> Result<Plan, SendError> {
        Ok(Plan::new(3, 1))
    }

    fn events(&self) -> Vec<(&'static str, u64)> {
        vec![("unknown receipt", 7)]
    }

    fn send<'a>(&'a self, outgoing: &'a Outgoing) -> Sending<'a> {
        Box::pin(async move {
            let octets = u32::try_from(outgoing.octets.len()).expect("few");
            tokio::time::sleep(Duration::from_millis(20) * octets).await;
            let to = outgoing.to.clone();
            match octets {
                9 => Err(SendError::Network { to, source: std::io::ErrorKind::BrokenPipe.into() }),
                _ => Ok(()),
            }
        })
    }
}

async fn send(route: &Guarded, octets: usize) {
    let outgoing = Outgoing {
        id: PushId::new("one").expect("an id"),
        octets: vec![2; octets].into(),
        to: "udp://192.0.2.7".parse().expect("an address"),
        deadline: Instant::now() + Duration::from_secs(5),
        valid_until: None,
    };
    let _ = route.send(&outgoing).await; // whatever comes of it is counted
}

/// Samples by name and labels, of a text that is strictly of the format.
type Samples = HashMap<String, f64>;

/// Reads the format as strictly as its description says, and a little more so.
fn read(text: &str) -> Result<Samples, String> {
    let (mut samples, mut families) = (Samples::new(), BTreeSet::new());
    let (mut family, mut kind) = ("", "");
    let mut lines = text.strip_suffix('\n').ok_or("no line end")?.split('\n');
    while let Some(line) = lines.next() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            let (name, _) = help.split_once(' ').ok_or("HELP without text")?;
            let next = lines.next().and_then(|line| line.strip_prefix("# TYPE "));
            let (typed, of) = next.and_then(|it| it.split_once(' ')).ok_or("HELP without TYPE")?;
            if typed != name || !families.insert(name) || !is_name(name) {
                return Err(format!("family {name}"));
            }
            if !["counter", "gauge", "histogram"].contains(&of) {
                return Err(format!("type {of}"));
            }
            (family, kind) = (name, of);
            continue;
        }
        let (name, rest) = line.split_once('{').ok_or("a sample without labels")?;
        let suffix = name.strip_prefix(family).ok_or(format!("{name} in {family}"))?;
        let fits = match kind {
            "histogram" => ["_bucket", "_sum", "_count"].contains(&suffix),
            "counter" => suffix.is_empty() && name.ends_with("_total"),
            _ => suffix.is_empty(),
        };
        let (labels, value) = labels(rest).ok_or(format!("labels of {line}"))?;
        let value: f64 = value.parse().map_err(|_| format!("value of {line}"))?;
        if family.is_empty() || !fits || (kind != "gauge" && value < 0.0) {
            return Err(format!("{line} as a {kind}"));
        }
        let key = format!("{name}{labels:?}");
        if samples.insert(key, value).is_some() {
            return Err(format!("{line} twice"));
        }
        // Buckets grow, and the last is the count.
        if suffix == "_bucket" {
            let before = samples.get(&format!("{family} before")).copied().unwrap_or(0.0);
            if value < before {
                return Err(format!("{line} below {before}"));
            }
            let is_last = labels.contains(&("le".to_owned(), "+Inf".to_owned()));
            samples.insert(format!("{family} before"), if is_last { 0.0 } else { value });
            samples.insert(format!("{family} last"), value);
        }
        if suffix == "_count" && samples.get(&format!("{family} last")) != Some(&value) {
            return Err(format!("{line} is not its last bucket"));
        }
    }
    Ok(samples)
}

fn is_name(name: &str) -> bool {
    name.bytes().all(|octet| octet.is_ascii_lowercase() || octet == b'_')
}

/// Labels up to the brace, and the value behind it.
fn labels(mut rest: &str) -> Option<(Vec<(String, String)>, &str)> {
    let mut labels = Vec::new();
    loop {
        let (name, after) = rest.split_once("=\"")?;
        let (mut value, mut characters) = (String::new(), after.char_indices());
        let end = loop {
            match characters.next()? {
                (at, '"') => break at,
                (_, '\\') => value.push(match characters.next()?.1 {
                    'n' => '\n',
                    same @ ('\\' | '"') => same,
                    _ => return None,
                }),
                (_, other) => value.push(other),
            }
        };
        let is_known = labels.iter().any(|(known, _)| known == name);
        if is_known || name.is_empty() || !is_name(name) {
            return None;
        }
        labels.push((name.to_owned(), value));
        match after[end + 1..].split_at_checked(1)? {
            (",", more) => rest = more,
            ("}", value) => return value.strip_prefix(' ').map(|value| (labels, value)),
            _ => return None,
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_route_did_is_in_the_format_and_true() {
    let limits = Limits { failures: 1, ..Limits::default() };
    let sms = Guarded::new("sms", Box::new(Lab), &limits).secured(Security::Mechanism("TLS"));
    let odd = Guarded::new("a \"b\\\n", Box::new(Lab), &limits);
    for octets in [1, 1, 2, 9, 1] {
        send(&sms, octets).await;
    }
    let waiting = BTreeMap::from([("sms".to_owned(), 1_000_000)]);
    let text = metrics(&[Arc::new(sms), Arc::new(odd)], &waiting);
    let samples = read(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    for (sample, wanted) in [
        (r#"info[("route", "sms"), ("security", "TLS")]"#, 1.0),
        (r#"info[("route", "a \"b\\\n"), ("security", "none")]"#, 1.0),
        (r#"health[("route", "sms"), ("state", "down")]"#, 1.0),
        (r#"health[("route", "sms"), ("state", "up")]"#, 0.0),
        (r#"health[("route", "a \"b\\\n"), ("state", "up")]"#, 1.0),
        (
            r#"trouble_info[("route", "sms"), ("reason", "sending to udp://192.0.2.7:2948 failed: broken pipe; check the route from this machine to the device")]"#,
            1.0,
        ),
        (r#"events_total[("route", "sms"), ("event", "unknown receipt")]"#, 7.0),
        (r#"sent_messages_total[("route", "sms")]"#, 3.0),
        (r#"sent_segments_total[("route", "sms")]"#, 9.0),
        (r#"refused_messages_total[("route", "sms")]"#, 0.0),
        (r#"failed_attempts_total[("route", "sms")]"#, 1.0),
        (r#"held_attempts_total[("route", "sms")]"#, 1.0),
        (r#"acceptance_seconds_bucket[("route", "sms"), ("le", "0.01")]"#, 0.0),
        (r#"acceptance_seconds_bucket[("route", "sms"), ("le", "0.025")]"#, 2.0),
        (r#"acceptance_seconds_bucket[("route", "sms"), ("le", "0.05")]"#, 3.0),
        (r#"acceptance_seconds_bucket[("route", "sms"), ("le", "+Inf")]"#, 3.0),
        (r#"acceptance_seconds_count[("route", "sms")]"#, 3.0),
    ] {
        assert_eq!(
            samples.get(&format!("mgram_route_{sample}")),
            Some(&wanted),
            "{sample}\n{text}"
        );
    }
    assert_eq!(text.matches("mgram_route_trouble_info{").count(), 1, "the other is up");
    let sum = samples[r#"mgram_route_acceptance_seconds_sum[("route", "sms")]"#];
    assert!((0.08..0.1).contains(&sum), "{sum}");
    assert_eq!(samples[r#"mgram_outbox_waiting_messages[("route", "sms")]"#], 1_000_000.0);
}

#[test]
fn the_check_is_strict() {
    let good = "# HELP a_total What.\n# TYPE a_total counter\na_total{b=\"c\"} 1\n";
    assert_eq!(read(good), Ok(HashMap::from([(r#"a_total[("b", "c")]"#.to_owned(), 1.0)])));
    for (old, new) in [
        ("1\n", "1"),
        ("1\n", "1 \n"),
        ("1\n", "one\n"),
        ("1\n", "-1\n"),
        ("1\n", "1\na_total{b=\"c\"} 2\n"),
        ("{b=\"c\"}", ""),
        ("{b=\"c\"}", "{b=c}"),
        ("{b=\"c\"}", "{b=\"c\",}"),
        ("{b=\"c\"}", "{b=\"\\c\"}"),
        ("{b=\"c\"}", "{b=\"c\",b=\"d\"}"),
        ("a_total{", "b_total{"),
        ("# TYPE a_total counter\n", ""),
        ("counter", "number"),
        ("counter", "histogram"),
    ] {
        let bad = good.replacen(old, new, 1);
        assert!(read(&bad).is_err(), "{bad}");
    }
    let head = "# HELP h What.\n# TYPE h histogram\n";
    let bucket = |le, count| format!("h_bucket{{le=\"{le}\"}} {count}\n");
    let falling = [head, &bucket("1", 2), &bucket("+Inf", 1)].concat();
    assert!(read(&falling).is_err());
    let other = [head, &bucket("1", 2), &bucket("+Inf", 2), "h_count{a=\"b\"} 3\n"].concat();
    assert!(read(&other).is_err());
}
