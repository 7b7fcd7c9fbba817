//! What conversions allocate, and how much of it lives at one time: JSON, one line a figure.
//!
//! A program of its own, because its allocator counts, which costs time.

use std::io;
use std::path::PathBuf;

use allocation_counter::measure;
use clap::Parser;
use mgram_bench::conversions::{self, Discarding};
use mgram_bench::generator::Shape;
use mgram_bench::messages::Message;
use serde_json::json;

/// Counts allocations, and prints one line of JSON a figure.
#[derive(Debug, Parser)]
struct Arguments {
    /// Folder of the messages, else our own.
    #[arg(long, value_name = "DIR")]
    messages: Option<PathBuf>,
}

fn main() -> io::Result<()> {
    let arguments = Arguments::parse();
    for message in Message::compared(arguments.messages.as_deref())? {
        let of_events = measure(|| {
            let _ = std::hint::black_box(conversions::events(&message.octets));
        });
        let of_model = measure(|| {
            let _ = std::hint::black_box(conversions::model(&message.octets));
        });
        for (what, allocated) in [("events", of_events), ("model", of_model)] {
            let (count, peak) = (allocated.count_total, allocated.bytes_max);
            println!("{}", json!({"what": what, "of": message.name, "count": count, "peak": peak}));
        }
    }
    for shape in Shape::ALL {
        for nodes in [1_000_usize, 10_000, 100_000] {
            let message = Message::new(shape.name(), shape.message(nodes));
            let mut output = Discarding::default();
            let encoding =
                measure(|| conversions::encode_into(message.text.as_bytes(), &mut output));
            let decoding = measure(|| conversions::decode_into(&message.octets, &mut output));
            for (what, allocated) in [("encode", encoding), ("decode", decoding)] {
                let (count, peak) = (allocated.count_total, allocated.bytes_max);
                let of = json!({
                    "what": what, "of": shape.name(), "nodes": nodes, "count": count, "peak": peak,
                });
                println!("{of}");
            }
        }
    }
    Ok(())
}
