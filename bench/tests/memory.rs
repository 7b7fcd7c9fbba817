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
        let peak = |nodes| {
            let message = Message::new("", shape.message(nodes));
            let mut output = Discarding::default();
            let allocated = measure(|| conversions::decode_into(&message.octets, &mut output));
            assert!(output.0 > nodes * 100);
            allocated.bytes_max
        };
        assert_eq!(peak(1_000), peak(10_000), "{shape:?}");
    }
}
