//! What conversions allocate: counted, never timed.

use allocation_counter::measure;
use mgram_bench::conversions::{self, Discarding};
use mgram_bench::generator::Shape;
use mgram_bench::messages::Message;

#[test]
fn the_events_of_a_small_message_cost_no_allocation() {
    let messages = Message::compared(None).unwrap();
    for message in &messages {
        let mut events = 0;
        let allocated = measure(|| events = conversions::events(&message.octets));
        assert!(events > 0);
        assert_eq!(allocated.count_total, 0, "{}", message.name);
    }
}

#[test]
fn the_memory_of_a_streamed_conversion_does_not_grow_with_the_message() {
    for shape in Shape::ALL {
        let peaks = |nodes| {
            let message = Message::new("", shape.message(nodes));
            let (mut octets, mut text) = (Discarding::default(), Discarding::default());
            let encoding =
                measure(|| conversions::encode_into(message.text.as_bytes(), &mut octets));
            let decoding = measure(|| conversions::decode_into(&message.octets, &mut text));
            assert_eq!(octets.0, message.octets.len());
            assert!(text.0 > nodes * 100);
            [encoding.bytes_max, decoding.bytes_max]
        };
        assert_eq!(peaks(1_000), peaks(10_000), "{shape:?}");
    }
}
