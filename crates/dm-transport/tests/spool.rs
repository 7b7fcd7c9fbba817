//! Files that the agent takes from its spool folder.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use dm_agent::Config;
use dm_agent::receive::{Delivery, Receivers};
use dm_push::receipt::Says;
use dm_transport::{FileRoute, Outgoing, PushId, QrConfig, QrRoute, Route, Teller, attempt};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

const SOON: Duration = Duration::from_secs(10);

async fn agent(folder: &Path, state: &Path) -> (Receivers, mpsc::Receiver<Delivery>) {
    let text = format!(
        "device_id = \"d\"\nstate = {state:?}\n[[spool]]\nfolder = {folder:?}\nsecurity = \"none\"\n\
         danger_insecure = true\n"
    );
    let config = Config::parse("test.toml".as_ref(), &text, [("", ""); 0]).expect("a config");
    let (queue, deliveries) = mpsc::channel(4);
    (Receivers::start(&config, queue).await.expect("started"), deliveries)
}

async fn next(deliveries: &mut mpsc::Receiver<Delivery>) -> Vec<u8> {
    let next = timeout(SOON, deliveries.recv()).await.expect("in time");
    let mut delivery = next.expect("a running receiver");
    delivery.acknowledge();
    delivery.octets.clone()
}

fn outgoing(octets: &[u8], to: &str, id: &str) -> Outgoing {
    Outgoing {
        id: PushId::new(id).expect("an id"),
        octets: octets.into(),
        to: to.parse().expect("an address"),
        deadline: Instant::now() + SOON,
        valid_until: None,
    }
}

#[tokio::test]
async fn the_agent_takes_every_file_once_and_whole() {
    let (folder, state) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (receivers, mut deliveries) = agent(folder.path(), state.path()).await;
    let (tell, mut told) = mpsc::channel(64);
    let route = FileRoute::new(Teller::new("stick", tell));
    let to = format!("file:{}/", folder.path().display());
    let mut taken = Vec::new();
    for number in 0..20_u8 {
        let octets = [vec![2, number], vec![b'x'; 20_000]].concat();
        attempt(&route as &dyn Route, &outgoing(&octets, &to, &format!("m{number}")))
            .await
            .unwrap();
        assert_eq!(told.recv().await.unwrap().receipt.says(), Says::HandedOver);
        taken.push(next(&mut deliveries).await);
        assert_eq!(taken[usize::from(number)], octets);
    }
    let begun = Instant::now();
    while std::fs::read_dir(folder.path()).unwrap().count() > 0 {
        assert!(begun.elapsed() < SOON, "the last file is not put away");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    receivers.stop().await;
    assert!(deliveries.try_recv().is_err(), "none came twice");
}

#[tokio::test]
async fn what_a_scanner_reads_of_several_codes_is_a_file_that_the_agent_takes() {
    let (folder, state) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let pictures = tempfile::tempdir().unwrap();
    let (tell, _told) = mpsc::channel(64);
    let route = QrRoute::new(QrConfig::default(), Teller::new("codes", tell));
    let message: Vec<u8> = (0..1_700_u32).map(|it| ((it * it) >> 3).to_le_bytes()[0] | 2).collect();
    let to = format!("qr:{}/m.png", pictures.path().display());
    attempt(&route as &dyn Route, &outgoing(&message, &to, "m")).await.unwrap();
    let script = format!("exec zbarimg --quiet {}/m-*.png", pictures.path().display());
    let output = Command::new("sh").args(["-c", &script]).output().unwrap();
    if output.status.code() == Some(127) {
        let all = std::env::var_os("MGRAM_TEST_PEERS").is_some_and(|value| value == "1");
        assert!(!all, "no zbarimg");
        return println!("skipped: zbarimg is not installed");
    }
    assert!(output.stdout.starts_with(b"QR-Code:MGQ1:"), "{output:?}");
    let (receivers, mut deliveries) = agent(folder.path(), state.path()).await;
    std::fs::write(folder.path().join("scanned.part"), &output.stdout).unwrap();
    std::fs::rename(folder.path().join("scanned.part"), folder.path().join("scanned.wbxml"))
        .unwrap();
    assert_eq!(next(&mut deliveries).await, message);
    receivers.stop().await;
}
