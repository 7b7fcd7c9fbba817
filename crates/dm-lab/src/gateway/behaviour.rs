//! How the simulated push gateway behaves: well, unless a field says otherwise.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::str::FromStr;
use std::time::Duration;

use dm_push::pap::Code;

use crate::Faults;

/// How a push gateway behaves. What becomes of pushes on their way is up to its [`crate::Bearer`].
#[derive(Clone, Debug, PartialEq)]
pub struct GatewayBehaviour {
    /// Where it listens. Default: a free port of 127.0.0.1.
    pub listen: SocketAddr,
    /// The path that takes PAP. Default: `/pap`.
    pub path: String,
    /// Who may send, by HTTP basic authentication: user and password. Default: everybody.
    pub login: Option<(String, String)>,
    /// What determines all chance in it. Default: 0.
    pub seed: u64,
    /// What the first requests get, whatever they ask: octets of one's own, and then the end of the connection.
    /// Default: none.
    pub reply_first: Vec<Vec<u8>>,
    /// The answers to the first pushes, one each. Default: none.
    pub answer_first: Vec<Answer>,
    /// The answers to pushes for devices: by a number without a plus sign, an address of IP, or a user. Default: none.
    pub answer_to: BTreeMap<String, Answer>,
    /// How long it takes to answer. Default: no time.
    pub answer_after: Duration,
    /// What becomes of notifications of results on their way to whoever asked for them. Default: no faults.
    pub notices: Faults,
    /// How often a notification is told that nobody acknowledges. Default: 3 times.
    pub notify_times: u32,
    /// How long it waits before it tells it again. Default: 1 s.
    pub notify_again: Duration,
    /// Who it is to whoever hears notifications, by HTTP basic authentication. Default: nobody.
    pub notify_login: Option<(String, String)>,
}

/// The answer to a push. As text: a code, `lose` or `cut`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Answer {
    /// This code: 1000 or 1001 and the push is taken, another and it is not.
    Code(Code),
    /// 1001, and the push gets lost.
    Lose,
    /// The push is taken, and the connection ends without an answer.
    Cut,
}

impl FromStr for Answer {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "cut" => Ok(Self::Cut),
            "lose" => Ok(Self::Lose),
            _ => {
                let code = text.parse().ok().and_then(|code| Code::new(code).ok());
                code.map(Self::Code).ok_or("write a code of PAP, 1000 to 5999, `lose` or `cut`")
            }
        }
    }
}

impl Default for GatewayBehaviour {
    fn default() -> Self {
        Self {
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            path: "/pap".to_owned(),
            login: None,
            seed: 0,
            reply_first: Vec::new(),
            answer_first: Vec::new(),
            answer_to: BTreeMap::new(),
            answer_after: Duration::ZERO,
            notices: Faults::default(),
            notify_times: 3,
            notify_again: Duration::from_secs(1),
            notify_login: None,
        }
    }
}
