//! What was found out, for programs. The keys are those of `docs/inspect.md`.

use std::io::{BufWriter, ErrorKind, Write};

use dm_client::Outcome;
use dm_crypto::AwsLc;
use dm_inspect::{
    Command, Deviation, Findings, KeyHint, Kind, Layer, Message, Peeled, Row, Signature, examine,
    rows,
};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::gate::{Gate, Verdict};
use crate::command::open::to_json;
use crate::document::of_io;
use crate::fault::Fault;
use crate::report::hex;

/// Prints all messages; whether none was refused. Rows are written as they are made.
pub fn print(peeled: &Peeled, gate: &mut Gate) -> Result<bool, Fault> {
    let mut is_accepted = true;
    let mut messages = Vec::new();
    for message in &peeled.messages {
        let verdict = gate.judge(message)?;
        is_accepted &= !matches!(verdict, Verdict::Judged(Outcome::Refused(_)));
        messages.push(Told {
            message,
            findings: examine(message, &AwsLc),
            verdict: of_verdict(&verdict),
        });
    }
    let all = All { messages, deviations: peeled.deviations.iter().map(of_deviation).collect() };
    let mut out = BufWriter::new(std::io::stdout().lock());
    let written = serde_json::to_writer(&mut out, &all).map_err(std::io::Error::from);
    match written.and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(of_io(Fault::refused, "write to standard output", &error))
        }
        _ => Ok(is_accepted),
    }
}

#[derive(Serialize)]
struct All<'a> {
    messages: Vec<Told<'a>>,
    deviations: Vec<Value>,
}

struct Told<'a> {
    message: &'a Message,
    findings: Findings,
    verdict: Value,
}

impl Serialize for Told<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { message, findings, verdict } = self;
        let kind = match message.kind {
            Kind::Wbxml => "wbxml",
            Kind::Xml => "xml",
            _ => "unknown",
        };
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("kind", kind)?;
        map.serialize_entry("octets", &message.octets.len())?;
        map.serialize_entry("missing", &message.missing)?;
        map.serialize_entry("layers", &message.layers.iter().map(of_layer).collect::<Vec<_>>())?;
        map.serialize_entry("origin", &origin(message))?;
        map.serialize_entry("rows", &Rows(message))?;
        map.serialize_entry(
            "root",
            &findings
                .root
                .as_ref()
                .map(|(namespace, local)| json!({"namespace": namespace, "name": local})),
        )?;
        map.serialize_entry("header", &of_header(findings))?;
        map.serialize_entry(
            "commands",
            &findings.commands.iter().map(of_command).collect::<Vec<_>>(),
        )?;
        map.serialize_entry("signature", &findings.signature.as_ref().map(of_signature))?;
        let deviations: Vec<_> = findings.deviations.iter().map(of_deviation).collect();
        map.serialize_entry("deviations", &deviations)?;
        map.serialize_entry("unlisted", &findings.unlisted)?;
        map.serialize_entry("verdict", verdict)?;
        map.end()
    }
}

/// The rows of a message, made one by one.
struct Rows<'a>(&'a Message);

impl Serialize for Rows<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(rows(self.0).map(|row| of_row(&row)))
    }
}

fn of_row(row: &Row<'_>) -> Value {
    json!({
        "offset": row.offset, "length": row.octets.len(), "hex": hex(row.octets),
        "token": row.token, "depth": row.depth, "text": row.text,
    })
}

fn of_layer(layer: &Layer) -> Value {
    let fields = layer.fields.iter().map(|field| {
        json!({
            "part": field.part, "name": field.name, "offset": field.offset,
            "length": field.octets.len(), "hex": hex(&field.octets), "meaning": field.meaning,
        })
    });
    let fields: Vec<_> = fields.collect();
    json!({"name": layer.name, "what": layer.what, "why": layer.why, "fields": fields})
}

fn origin(message: &Message) -> Vec<Value> {
    let pieces = message.origin.iter().map(|piece| {
        json!({
            "offset": piece.range.start, "length": piece.range.len(), "source": piece.source,
            "part": piece.part, "source_offset": piece.offset,
        })
    });
    pieces.collect()
}

fn of_header(findings: &Findings) -> Option<Value> {
    findings.header.as_ref().map(|header| {
        json!({
            "source": header.source, "target": header.target, "ver_proto": header.ver_proto,
            "session_id": header.session_id, "msg_id": header.msg_id, "emi": header.emi,
            "cred": header.cred,
        })
    })
}

fn of_command(command: &Command) -> Value {
    let lines: Vec<_> =
        command.words.iter().map(|line| json!({"text": line.text, "depth": line.depth})).collect();
    json!({
        "cmd_id": command.cmd_id, "name": command.name, "words": lines,
        "commands": command.commands.iter().map(of_command).collect::<Vec<_>>(),
    })
}

fn of_signature(signature: &Signature) -> Value {
    let algorithms: Vec<_> = signature
        .algorithms
        .iter()
        .map(|(element, uri)| json!({"element": element, "uri": uri}))
        .collect();
    let keys: Vec<_> = signature
        .keys
        .iter()
        .filter_map(|key| match key {
            KeyHint::Name(name) => Some(json!({"name": name})),
            KeyHint::Certificate(names) => Some(json!({"certificate": names})),
            KeyHint::Other(other) => Some(json!({"other": other})),
            _ => None,
        })
        .collect();
    json!({
        "present": signature.is_there, "well_shaped": signature.is_well_shaped,
        "digest_holds": signature.digest_holds,
        "algorithms": algorithms, "keys": keys, "digest_octets": signature.octets.0,
        "signature_octets": signature.octets.1, "missing": signature.missing,
        "encrypted_parts": signature.encrypted,
    })
}

fn of_deviation(deviation: &Deviation) -> Value {
    json!({
        "layer": deviation.layer, "offset": deviation.offset, "place": deviation.place,
        "rule": deviation.rule, "what": deviation.what, "clause": deviation.clause,
        "remedy": deviation.remedy,
    })
}

fn of_verdict(verdict: &Verdict) -> Value {
    match verdict {
        Verdict::Judged(outcome) => to_json(outcome, true),
        Verdict::NotVerified(why) => json!({"verdict": "not verified", "why": why}),
    }
}
