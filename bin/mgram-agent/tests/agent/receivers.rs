//! Messages that come by other ways than a listener without TLS, from the transport to the tree.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::authority::Authority;
use super::device::Device;
use super::left_out::skipped;
use super::message::sealed;
use super::peer::{Peer, all_here, free_port};
use super::process::{Process, run};

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

#[test]
fn a_file_in_the_spool_folder_is_carried_out_and_goes() {
    let folder = folder();
    let owner = std::fs::metadata(folder.path()).expect("there").uid();
    let first = folder.path().join("first.wbxml");
    std::fs::write(&first, sealed(1)).expect("written");
    let device = Device::new();
    device.configure(&format!(
        "[[spool]]\nfolder = {:?}\nsecurity = \"owner\"\nowners = [{owner}]\n",
        folder.path()
    ));
    let mut agent = device.start();
    agent.wait_for(" accepted from=spool", 1);
    let part = folder.path().join("second.part");
    std::fs::write(&part, sealed(2)).expect("written");
    std::fs::rename(&part, folder.path().join("second.wbxml")).expect("renamed");
    agent.wait_for(" accepted from=spool", 2);
    assert_eq!(agent.signal("TERM").code(), Some(0));
    let kept = device.kept();
    assert_eq!((kept.left.as_str(), kept.accepted, kept.refused), ("2", 2, 0));
    assert!(!first.exists());
}

/// In a mount namespace of the agent's own: nobody else sees what is mounted.
#[test]
fn a_memory_stick_that_is_mounted_on_the_spool_folder_later_is_read() {
    if !all_here(&["unshare", "nsenter", "mount"]) {
        return;
    }
    if !Command::new("unshare").args(["-m", "true"]).status().is_ok_and(|status| status.success()) {
        return skipped("no mount namespace may be made here");
    }
    let folder = folder();
    let owner = std::fs::metadata(folder.path()).expect("there").uid();
    let device = Device::new();
    device.configure(&format!(
        "[[spool]]\nfolder = {:?}\nsecurity = \"owner\"\nowners = [{owner}]\n",
        folder.path()
    ));
    let mut command = Command::new("unshare");
    command.args(["-m", env!("CARGO_BIN_EXE_mgram-agent"), "run", "--config"]);
    command.arg(device.config());
    let mut agent = Process::start_by(&mut command, &device.config());
    let id = agent.id().to_string();
    let inside = |script: &str| {
        let mut shell = Command::new("nsenter");
        shell.args(["-t", &id, "-m", "sh", "-ec", script, "sh", text(folder.path())]);
        assert!(shell.arg(device.path("message")).status().expect("nsenter").success(), "{script}");
    };
    std::fs::write(device.path("message"), sealed(1)).expect("written");
    inside("mount -t tmpfs -o mode=755 stick \"$1\"; cp \"$2\" \"$1\"/first.wbxml");
    agent.wait_for(" accepted from=spool", 1);
    std::fs::write(device.path("message"), sealed(2)).expect("written");
    inside("cp \"$2\" \"$1\"/second.part; mv \"$1\"/second.part \"$1\"/second.wbxml");
    agent.wait_for(" accepted from=spool", 2);
    inside("umount \"$1\"");
    std::fs::write(folder.path().join("third.wbxml"), sealed(3)).expect("written");
    agent.wait_for(" accepted from=spool", 3);
    assert_eq!(agent.signal("TERM").code(), Some(0));
}

/// In a mount namespace of the agent's own, where a name server says nothing.
#[test]
fn an_agent_that_waits_for_a_name_server_stops_at_once() {
    if !all_here(&["unshare", "mount"]) {
        return;
    }
    let silent = std::net::UdpSocket::bind("127.53.53.53:53");
    let namespace = Command::new("unshare").args(["-m", "true"]).status();
    let (Ok(silent), true) = (silent, namespace.is_ok_and(|status| status.success())) else {
        return skipped("no name server and mount namespace may be made here");
    };
    let device = Device::new();
    std::fs::write(device.path("resolv.conf"), "nameserver 127.53.53.53\n").expect("written");
    device.configure(
        "[[poll]]\nurl = \"http://silent.example/\"\nsecurity = \"none\"\ndanger_insecure = true\n",
    );
    let mut command = Command::new("unshare");
    let script = "mount --bind \"$1\" /etc/resolv.conf; exec \"$0\" run --config \"$2\"";
    command.args(["-m", "sh", "-ec", script, env!("CARGO_BIN_EXE_mgram-agent")]);
    command.arg(device.path("resolv.conf")).arg(device.config());
    let agent = Process::start_by(&mut command, &device.config());
    silent.set_read_timeout(Some(Duration::from_secs(20))).expect("set");
    silent.recv(&mut [0; 512]).expect("a query");
    let begun = Instant::now();
    assert_eq!(agent.signal("TERM").code(), Some(0));
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
}

/// curl, as a server's operator has it: with a certificate, with another, with none.
#[test]
fn a_push_by_curl_with_a_client_certificate_is_carried_out_and_others_are_not_heard() {
    if !all_here(&["curl"]) {
        return;
    }
    let folder = folder();
    let authority = Authority::new(folder.path(), "ca");
    let (certificate, key) = authority.issue("127.0.0.1");
    let device = Device::new();
    device.configure(&format!(
        "[[listen]]\ntransport = \"http\"\naddress = \"127.0.0.1:0\"\nsecurity = \"client-certificate\"\n\
         certificate = {certificate:?}\nkey = {key:?}\nclient_ca = {:?}\nclient_names = [\"ppg.example\"]\n",
        authority.path()
    ));
    let mut agent = device.start();
    let url = format!("https://{}/push", agent.address("http"));
    let curl = |own: Option<(PathBuf, PathBuf)>, number: u64| {
        let body = folder.path().join("message");
        std::fs::write(&body, sealed(number)).expect("written");
        let mut curl = Command::new("curl");
        curl.args([
            "-sS",
            "-o",
            "/dev/null",
            "-w",
            "%{http_code}",
            "--cacert",
            text(&authority.path()),
        ]);
        curl.args(["-H", "content-type: application/vnd.syncml.dm+wbxml", "--data-binary"]);
        curl.arg(format!("@{}", text(&body)));
        if let Some((certificate, key)) = own {
            curl.args(["--cert", text(&certificate), "--key", text(&key)]);
        }
        let (code, out, _) = run(curl.arg(&url));
        (code == 0, out)
    };
    assert_eq!(curl(Some(authority.issue("ppg.example")), 1), (true, "202".into()));
    assert_eq!(curl(None, 2), (false, "000".into()));
    assert_eq!(curl(Some(authority.issue("other.example")), 3), (false, "000".into()));
    assert_eq!(curl(Some(authority.issue("ppg.example")), 4), (true, "202".into()));
    agent.wait_for(" accepted from=http", 2);
    assert_eq!(agent.signal("TERM").code(), Some(0));
    assert_eq!((device.kept().left.as_str(), device.kept().accepted), ("4", 2));
}

/// Answers each request with the next of these messages, and tells the targets that were asked for.
fn serve(messages: Vec<Vec<u8>>) -> (u16, std::thread::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("bound");
    let port = listener.local_addr().expect("an address").port();
    let served = std::thread::spawn(move || {
        let mut targets = Vec::new();
        for number in 0..=messages.len() {
            let (mut stream, _) = listener.accept().expect("a connection");
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let mut octet = [0];
                stream.read_exact(&mut octet).expect("a request");
                head.push(octet[0]);
            }
            let head = String::from_utf8(head).expect("text");
            targets.push(head.split_whitespace().nth(1).expect("a target").to_owned());
            let Some(message) = messages.get(number) else { break };
            let answer = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/vnd.syncml.dm+wbxml\r\npush-seq: {}\r\n\
                 connection: close\r\ncontent-length: {}\r\n\r\n",
                number + 1,
                message.len()
            );
            stream.write_all(&[answer.as_bytes(), message].concat()).expect("answered");
        }
        targets
    });
    (port, served)
}

/// Through nginx, which demands the device's certificate.
#[test]
fn a_server_behind_nginx_is_polled_over_tls_with_a_certificate() {
    let Some(nginx) = Peer::own("nginx", &["nginx"]) else { return };
    let folder = folder();
    let authority = Authority::new(folder.path(), "ca");
    let (certificate, key) = authority.issue("127.0.0.1");
    let (own, own_key) = authority.issue("device.example");
    let (port, served) = serve(vec![sealed(1), sealed(2)]);
    let [plain_port, tls_port] = [free_port(), free_port()];
    let _nginx = nginx.start(&[
        ("NGINX_WORK", text(folder.path())),
        ("NGINX_PORT", &plain_port.to_string()),
        ("NGINX_TLS_PORT", &tls_port.to_string()),
        ("NGINX_TLS_CERT", text(&certificate)),
        ("NGINX_TLS_KEY", text(&key)),
        ("NGINX_CLIENT_CA", text(&authority.path())),
        ("NGINX_UPSTREAM", &format!("http://127.0.0.1:{port}")),
    ]);
    let device = Device::new();
    device.configure(&format!(
        "[[poll]]\nurl = \"https://127.0.0.1:{tls_port}/proxy/messages\"\nsecurity = \"client-certificate\"\n\
         ca = {:?}\ncertificate = {own:?}\nkey = {own_key:?}\n",
        authority.path()
    ));
    let mut agent = device.start();
    agent.wait_for(" accepted from=poll", 2);
    let targets = served.join().expect("served");
    assert_eq!(targets, [0, 1, 2].map(|after| format!("/proxy/messages?after={after}")));
    assert_eq!(agent.signal("TERM").code(), Some(0));
    assert_eq!((device.kept().left.as_str(), device.kept().accepted), ("2", 2));
}

/// Mosquitto keeps what is published while the agent is away, and learns that it was kept.
#[test]
fn a_message_by_mqtt_is_carried_out_also_when_the_agent_was_away() {
    let programs = ["mosquitto", "mosquitto_pub", "mosquitto_passwd"];
    let Some(mosquitto) = Peer::find("mosquitto", &programs) else { return };
    let folder = folder();
    let authority = Authority::new(folder.path(), "ca");
    let (certificate, key) = authority.issue("127.0.0.1");
    let (own, own_key) = authority.issue("device.example");
    let [plain_port, tls_port] = [free_port(), free_port()].map(|port| port.to_string());
    let _mosquitto = mosquitto.start(&[
        ("MOSQUITTO_WORK", text(folder.path())),
        ("MOSQUITTO_PORT", &plain_port),
        ("MOSQUITTO_TLS_PORT", &tls_port),
        ("MOSQUITTO_TLS_CERT", text(&certificate)),
        ("MOSQUITTO_TLS_KEY", text(&key)),
        ("MOSQUITTO_CA", text(&authority.path())),
    ]);
    let publish = |number: u64, properties: &[&str]| {
        let body = folder.path().join("message");
        std::fs::write(&body, sealed(number)).expect("written");
        let mut publish = Command::new("mosquitto_pub");
        publish.args(["-h", "127.0.0.1", "-p", &plain_port, "-V", "mqttv5", "-u", "server"]);
        publish.args(["-P", "srvpass", "-q", "1", "-t", "dm/device1/push", "-f", text(&body)]);
        assert_eq!(run(publish.args(properties)).0, 0);
    };
    let password = folder.path().join("password");
    std::fs::write(&password, "devpass\n").expect("written");
    let device = Device::new();
    device.configure(&format!(
        "[[mqtt]]\nurl = \"mqtts://127.0.0.1:{tls_port}\"\nsecurity = \"client-certificate\"\nca = {:?}\n\
         certificate = {own:?}\nkey = {own_key:?}\nclient_id = \"device1\"\nuser = \"device1\"\n\
         password_file = {password:?}\ntopics = [\"dm/device1/push\"]\nkeep_alive = \"1 s\"\n",
        authority.path()
    ));
    let mut agent = device.start();
    agent.wait_for(" subscribed url=", 1);
    let typed = ["-D", "publish", "content-type", "application/vnd.syncml.dm+wbxml"];
    publish(1, &typed);
    agent.wait_for(" accepted from=mqtt", 1);
    std::thread::sleep(std::time::Duration::from_secs(3)); // beyond the keep-alive
    publish(2, &[]);
    publish(3, &["-D", "publish", "content-type", "text/plain"]);
    agent.wait_for(" accepted from=mqtt", 2);
    agent.wait_for("reason=\"content-type\"", 1);
    assert_eq!(agent.log().matches(" subscribed url=").count(), 1, "{}", agent.log());
    agent.kill();

    publish(4, &typed);
    publish(5, &typed);
    let mut agent = device.start();
    // Those of before are on the disk in the queue, and not yet in the state: they are taken again.
    agent.wait_for(" accepted from=mqtt", 4);
    assert_eq!(agent.signal("TERM").code(), Some(0));
    let kept = device.kept();
    assert_eq!((kept.left.as_str(), kept.accepted, kept.refused), ("5", 4, 0), "each came once");
}
