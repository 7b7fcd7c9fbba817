//! Notifications of results: told to whoever asked for them, until they acknowledge. [PAP §9.6]

use std::sync::Arc;
use std::time::Duration;

use dm_push::pap::{self, Code, Document, MEDIA_TYPE, Report, State, Timestamp, Verdict};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use hyper::{Request, Uri};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::serve::basic;
use super::world::World;
use crate::Faults;
use crate::air::{Ground, Outcome, Parcel};
use crate::event::Kind;

/// How long one attempt may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// What became of a push.
#[derive(Clone, Debug)]
pub(crate) struct Notice {
    pub(super) push_id: String,
    /// Who is told.
    pub(super) url: String,
    pub(super) address: String,
    pub(super) state: State,
    pub(super) code: Code,
    pub(super) at: Timestamp,
}

impl Parcel for Notice {
    fn device(&self) -> &str {
        &self.url
    }
}

/// What brings notifications.
pub(super) struct Post {
    world: Arc<World>,
    underway: JoinSet<()>,
}

impl Post {
    pub(super) fn new(world: Arc<World>) -> Self {
        Self { world, underway: JoinSet::new() }
    }
}

impl Ground<Notice> for Post {
    fn faults(&self) -> Faults {
        self.world.behaviour().notices.clone()
    }

    async fn ended(&mut self, notice: Notice, outcome: Outcome) {
        while self.underway.try_join_next().is_some() {}
        let Outcome::Delivered(times) = outcome else {
            self.world.count(|counts| counts.notices_lost += 1);
            return self.world.tell(Kind::Receipt, &notice.push_id, &notice.url, "lost");
        };
        for _ in 0..times {
            self.underway.spawn(insist(self.world.clone(), notice.clone()));
        }
    }
}

/// Tells until that is acknowledged, or it was told often enough.
async fn insist(world: Arc<World>, notice: Notice) {
    let state = notice.state;
    for attempt in 1.. {
        let behaviour = world.behaviour();
        let login = behaviour.notify_login.as_ref().map(basic);
        let told = tokio::time::timeout(PATIENCE, post(&notice, login)).await;
        world.count(|counts| counts.notices += 1);
        let fault = match told {
            Ok(Ok(())) => {
                world.count(|counts| counts.acknowledged += 1);
                let detail = format!("{state}, acknowledged");
                return world.tell(Kind::Receipt, &notice.push_id, &notice.url, &detail);
            }
            Ok(Err(fault)) => fault,
            Err(_) => "no answer in time".to_owned(),
        };
        let detail = format!("{state}, not acknowledged: {fault}");
        world.tell(Kind::Receipt, &notice.push_id, &notice.url, &detail);
        if attempt >= behaviour.notify_times {
            return;
        }
        tokio::time::sleep(behaviour.notify_again).await;
    }
}

/// Tells once. What went wrong is for the eyes.
async fn post(notice: &Notice, login: Option<String>) -> Result<(), String> {
    let uri: Uri = notice.url.parse().map_err(|_| "no URL".to_owned())?;
    if uri.scheme_str() != Some("http") {
        return Err("the lab speaks plain http:// only".to_owned());
    }
    let host = uri.authority().ok_or("the URL has no host")?;
    let report = Report {
        push_id: notice.push_id.clone(),
        address: notice.address.clone(),
        state: notice.state,
        verdict: Verdict { code: notice.code, text: String::new() },
        at: Some(notice.at),
    };
    let text = Document::ResultNotification(report).write().map_err(|it| it.to_string())?;
    let place = (host.host().trim_matches(['[', ']']), host.port_u16().unwrap_or(80));
    let stream = TcpStream::connect(place).await.map_err(|it| it.to_string())?;
    let (mut sender, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(|it| it.to_string())?;
    // It ends with the sender, or with this.
    let mut driven = JoinSet::new();
    driven.spawn(connection);
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let request = Request::post(path).header(HOST, host.as_str()).header(CONTENT_TYPE, MEDIA_TYPE);
    let request = match login {
        Some(login) => request.header(AUTHORIZATION, login),
        None => request,
    };
    let request = request.body(Full::new(Bytes::from(text))).map_err(|it| it.to_string())?;
    let response = sender.send_request(request).await.map_err(|it| it.to_string())?;
    let status = response.status();
    let body = Limited::new(response.into_body(), pap::limits().octets).collect().await;
    let body = body.map_err(|it| it.to_string())?.to_bytes();
    match pap::read(&body) {
        Ok(Document::ResultNotificationResponse(answer))
            if status.is_success() && answer.verdict.code.number() < 2000 =>
        {
            Ok(())
        }
        _ => Err(format!("HTTP {status}")),
    }
}
