//! What was tried, in the order of the table.

/// One row: a route, the program at its other end, and the test that tried it.
#[derive(Debug)]
pub struct Row {
    pub route: &'static str,
    pub peer: &'static str,
    pub what: &'static str,
    pub package: &'static str,
    /// The file of tests, without `.rs`.
    pub binary: &'static str,
    /// The test, with its modules.
    pub test: &'static str,
}

const fn agent(
    route: &'static str,
    peer: &'static str,
    what: &'static str,
    test: &'static str,
) -> Row {
    Row { route, peer, what, package: "mgram-agent", binary: "agent", test }
}

pub const ROWS: &[Row] = &[
    agent(
        "WAP over UDP, in",
        "Kannel",
        "a push through a push proxy gateway changes the tree",
        "kannel::a_push_through_a_push_proxy_gateway_changes_the_tree",
    ),
    agent(
        "HTTP, in",
        "curl",
        "a POST with a client certificate is carried out, others are not heard",
        "receivers::a_push_by_curl_with_a_client_certificate_is_carried_out_and_others_are_not_heard",
    ),
    agent(
        "long poll, in",
        "nginx",
        "a server behind it is polled over TLS with a certificate",
        "receivers::a_server_behind_nginx_is_polled_over_tls_with_a_certificate",
    ),
    agent(
        "MQTT 5, in",
        "Mosquitto",
        "a message is carried out, also one that came while the agent was away",
        "receivers::a_message_by_mqtt_is_carried_out_also_when_the_agent_was_away",
    ),
    agent(
        "SIP, in",
        "Kamailio",
        "registered with digest, pushes over UDP",
        "sip::pushes_through_kamailio_arrive_over_udp",
    ),
    agent(
        "SIP, in",
        "Kamailio",
        "the same over TCP",
        "sip::pushes_through_kamailio_arrive_over_tcp",
    ),
    agent(
        "SIP, in",
        "Kamailio",
        "the same over TLS",
        "sip::pushes_through_kamailio_arrive_over_tls",
    ),
    agent("SIP, in", "SIPp", "pushes that it sends", "sip::pushes_by_sipp_arrive"),
    agent(
        "SMS, in",
        "oFono",
        "a push in 33 shuffled segments",
        "sms::ofono::a_push_in_33_shuffled_segments_through_ofono_is_carried_out",
    ),
];
