//! What leaves, as Wireshark sees it.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};

use dm_transport::Route;

use crate::lab::{Lab, Line, SOON, listener, outgoing};
use crate::peer::all_here;

#[tokio::test]
async fn an_independent_decoder_sees_one_message_request_with_our_body() {
    if !all_here(&["tshark", "text2pcap"]) {
        return;
    }
    let (listener, to) = listener().await;
    let folder = tempfile::tempdir().expect("a folder");
    let password = folder.path().join("password");
    std::fs::write(&password, "secret\n").expect("written");
    let lab = Lab::new(&format!(
        "user = \"server\"\npassword = {{ file = {password:?} }}\nfrom = \"sip:server@push.example\"\n\
         accept_contact = ['*;+g.oma.pusheventapp=\"syncml.dm\"']"
    ));
    let body = b"\x02\xA4\x01\x6A\x00\xFF";
    let mut outgoing = outgoing("campaign-7", &to, body, SOON);
    outgoing.valid_until = Some(SystemTime::now() + Duration::from_secs(100));
    let route = lab.route.clone();
    let sending = tokio::spawn(async move { route.send(&outgoing).await });
    let mut line = Line::accept(&listener).await;
    let request = line.next().await;
    let challenge = "Proxy-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth\"\r\n";
    line.answer(&request, "407 Who", challenge).await;
    let request = line.next().await;
    line.answer(&request, "200 OK", "").await;
    sending.await.expect("no panic").expect("taken");

    let file = folder.path().join("request");
    std::fs::write(&file, &request).expect("written");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/peers/tshark/decode.sh");
    let fields = "sip.Method sip.r-uri.user sip.from.addr sip.to.user sip.CSeq.seq sip.CSeq.method \
                  sip.Max-Forwards sip.Expires sip.auth.username sip.auth.nc sip.Content-Type \
                  sip.Content-Length sip.Accept-Contact sip.Via.transport _ws.expert.message";
    let mut decode = Command::new("bash");
    decode.arg(script).arg("sip").arg(&file).env("FIELDS", fields);
    let decoded = decode.output().expect("bash");
    let text = String::from_utf8_lossy(&decoded.stdout);
    assert!(decoded.status.success(), "{text} {}", String::from_utf8_lossy(&decoded.stderr));
    let seen: Vec<_> = text.trim_end_matches('\n').split('\t').collect();
    assert_eq!(
        seen[..7],
        ["MESSAGE", "device1", "sip:server@push.example", "device1", "2", "MESSAGE", "70"]
    );
    assert!(["99", "100"].contains(&seen[7]), "{text}");
    assert_eq!(seen[8..12], ["\"server\"", "00000001", "application/vnd.syncml.dm+wbxml", "6"]);
    assert_eq!(seen[12..], ["*;+g.oma.pusheventapp=\"syncml.dm\"", "TCP", ""], "{text}");
}
