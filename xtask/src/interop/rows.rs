//! What was tried, in the order of the table.

/// One row: a route, the program at its other end, and the test that tried it.
#[derive(Debug)]
pub struct Row {
    pub route: &'static str,
    pub peer: &'static str,
    pub what: &'static str,
    pub package: &'static str,
    /// The file or folder of tests.
    pub binary: &'static str,
    /// The test, with its modules.
    pub test: &'static str,
}

/// Tests of one file or folder.
struct Home {
    package: &'static str,
    binary: &'static str,
}

impl Home {
    const fn of_transport(binary: &'static str) -> Self {
        Self { package: "dm-transport", binary }
    }

    const fn row(
        self,
        route: &'static str,
        peer: &'static str,
        what: &'static str,
        test: &'static str,
    ) -> Row {
        Row { route, peer, what, package: self.package, binary: self.binary, test }
    }
}

const AGENT: Home = Home { package: "mgram-agent", binary: "agent" };
const MGRAM: Home = Home { package: "mgram", binary: "interop" };
const HTTP: Home = Home::of_transport("http");
const MQTT: Home = Home::of_transport("mqtt");
const PAP: Home = Home::of_transport("pap");
const POLL: Home = Home::of_transport("poll");
const SIP: Home = Home::of_transport("sip");
const SMPP: Home = Home::of_transport("smpp");
const SPOOL: Home = Home::of_transport("spool");

pub const ROWS: &[Row] = &[
    MGRAM.row("WAP over UDP, out", "tshark", "every name of every message in what `mgram push` sends", "dissector::tshark_sees_every_name_in_its_place"),
    AGENT.row("WAP over UDP, in", "Kannel", "a push through a push proxy gateway changes the tree", "kannel::a_push_through_a_push_proxy_gateway_changes_the_tree"),
    AGENT.row("the whole way", "Kannel, oFono", "`mgram seal`, `mgram push` by PAP over TLS, Kannel, SMPP, an SMS centre, shuffled segments, oFono, the agent, the tree", "sms::chain::a_message_goes_the_whole_way_from_the_operators_shell_to_the_tree"),
    PAP.row("PAP, out", "Kannel", "messages over HTTP and HTTPS come to the device over UDP, octet for octet; tshark reads them", "kannel::kannel_takes_messages_over_http_and_https_and_sends_them_to_the_device"),
    PAP.row("PAP, out", "Kannel", "a wrong password; an authority that did not vouch for it", "kannel::kannel_refuses_a_wrong_password_and_an_authority_that_did_not_vouch_for_it"),
    PAP.row("PAP, notifications", "curl", "a notification is told of the sending and answered, over HTTP and HTTPS", "notifications::a_notification_is_told_of_the_sending_and_answered"),
    PAP.row("PAP, notifications", "curl", "one that could not be kept is asked for again", "notifications::what_could_not_be_told_on_is_asked_for_again"),
    SMPP.row("SMPP, out", "node-smpp", "a message arrives whole, a receipt for each segment", "node::a_message_arrives_whole_and_each_segment_has_its_receipt"),
    SMPP.row("SMPP, out", "node-smpp", "throttling is obeyed, the same segment goes again", "node::throttling_is_obeyed_and_the_same_segment_goes_again"),
    SMPP.row("SMPP, out", "node-smpp", "a wrong password; a refusal", "node::a_wrong_password_fails_at_once_and_is_not_tried_in_haste"),
    SMPP.row("SMPP, out", "node-smpp", "over TLS, only to a centre that somebody vouches for", "node::over_tls_only_a_centre_that_somebody_vouches_for_is_sent_to"),
    SMPP.row("SMPP, out", "tshark", "every segment, and the message that they are", "tshark::tshark_reads_every_segment_and_the_message_that_they_are"),
    AGENT.row("SMS, in", "oFono", "a push in 33 shuffled segments", "sms::ofono::a_push_in_33_shuffled_segments_through_ofono_is_carried_out"),
    AGENT.row("SMS, in", "ModemManager", "pushes that it joined are carried out, and deleted from the modem", "sms::modem_manager::pushes_that_modem_manager_joined_are_carried_out_and_deleted_from_the_modem"),
    HTTP.row("HTTP, out", "nginx", "HTTP/1.1 and 2, client certificates: bodies octet for octet", "nginx::nginx_takes_messages_by_both_versions_from_who_shows_a_certificate"),
    HTTP.row("HTTP, out", "nginx", "3,000 over connections that end after 1,000: each once", "nginx::of_thousands_over_connections_that_end_each_comes_once"),
    HTTP.row("HTTP, out", "nginx", "no certificate, or another authority's", "nginx::who_shows_no_certificate_or_another_is_refused"),
    HTTP.row("HTTP, out", "nginx", "a certificate that expired", "nginx::a_certificate_that_expired_is_said_to_have"),
    HTTP.row("HTTP, out", "nginx", "413: another way", "nginx::a_message_above_the_limit_of_the_server_goes_another_way"),
    AGENT.row("HTTP, in", "curl", "a POST with a client certificate is carried out, others are not heard", "receivers::a_push_by_curl_with_a_client_certificate_is_carried_out_and_others_are_not_heard"),
    POLL.row("long poll, out", "curl", "waits, has the octets and the number, and acknowledges", "curl_waits_has_the_octets_and_the_number_and_acknowledges"),
    POLL.row("long poll, out", "curl", "without the certificate of a device it has nothing", "curl_without_the_certificate_of_a_device_has_nothing_of_it"),
    AGENT.row("long poll, in", "nginx", "a server behind it is polled over TLS with a certificate", "receivers::a_server_behind_nginx_is_polled_over_tls_with_a_certificate"),
    MQTT.row("MQTT 5, out", "Mosquitto", "a device that is away has its messages when it comes", "mosquitto::a_device_that_is_away_has_its_messages_when_it_comes"),
    MQTT.row("MQTT 5, out", "Mosquitto", "over TLS both ends prove who they are", "mosquitto::over_tls_both_ends_prove_who_they_are"),
    MQTT.row("MQTT 5, out", "Mosquitto", "whoever may not publish is told so", "mosquitto::whoever_may_not_publish_is_told_so"),
    MQTT.row("MQTT 5, out", "Mosquitto", "started anew in the middle: nothing is lost", "mosquitto::when_the_broker_is_started_anew_in_the_middle_nothing_is_lost"),
    AGENT.row("MQTT 5, in", "Mosquitto", "a message is carried out, also one that came while the agent was away", "receivers::a_message_by_mqtt_is_carried_out_also_when_the_agent_was_away"),
    SIP.row("SIP, out", "Kamailio, SIPp", "over UDP, long ones over TCP", "kamailio::over_udp_and_for_long_ones_over_tcp"),
    SIP.row("SIP, out", "Kamailio, SIPp", "over UDP with digest", "kamailio::over_udp_with_digest"),
    SIP.row("SIP, out", "Kamailio, SIPp", "over TCP with digest", "kamailio::over_tcp_with_digest"),
    SIP.row("SIP, out", "Kamailio, SIPp", "over TLS with digest", "kamailio::over_tls_with_digest_to_a_device_that_registered_over_tcp"),
    SIP.row("SIP, out", "Kamailio, SIPp", "a device that answers too late for its proxy", "kamailio::a_device_that_answers_too_late_for_its_proxy_may_have_the_message"),
    SIP.row("SIP, out", "Kamailio", "a wrong password, no client certificate", "kamailio::a_wrong_password_and_a_client_without_a_certificate_are_refused"),
    SIP.row("SIP, out", "Kamailio", "a proxy that is started anew is found again", "kamailio::a_proxy_that_is_started_anew_is_found_again"),
    SIP.row("SIP, out", "SIPp", "a device without a proxy, over UDP", "kamailio::a_device_without_a_proxy_is_reached_over_udp"),
    SIP.row("SIP, out", "SIPp", "the same over TCP", "kamailio::a_device_without_a_proxy_is_reached_over_tcp"),
    SIP.row("SIP, out", "tshark", "one MESSAGE request with our body", "decoded::an_independent_decoder_sees_one_message_request_with_our_body"),
    AGENT.row("SIP, out and in", "Kamailio", "from us through it to the agent, over TLS", "sip_push::a_push_over_tls_arrives"),
    AGENT.row("SIP, in", "Kamailio", "registered with digest, pushes over UDP", "sip::pushes_through_kamailio_arrive_over_udp"),
    AGENT.row("SIP, in", "Kamailio", "the same over TCP", "sip::pushes_through_kamailio_arrive_over_tcp"),
    AGENT.row("SIP, in", "Kamailio", "the same over TLS", "sip::pushes_through_kamailio_arrive_over_tls"),
    AGENT.row("SIP, in", "SIPp", "pushes that it sends", "sip::pushes_by_sipp_arrive"),
    SPOOL.row("QR codes, out", "zbarimg", "what it reads of several pictures is a file that the agent takes", "what_a_scanner_reads_of_several_codes_is_a_file_that_the_agent_takes"),
];
