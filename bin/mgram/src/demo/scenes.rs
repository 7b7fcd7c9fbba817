//! The scenes, in order.

use dm_client::{Entry, Verdict};
use dm_tree::store::Store;
use dm_tree::{Tree, Uri};

use super::agent::Agent;
use super::power_cut;
use super::story::Story;
use super::world::{GROUP, KEY_NAME, OPERATOR, PARTNER, World};
use crate::fault::Fault;

/// The new APN.
const APN: &str = "internet.operator.example";

/// Plays the scenes.
#[derive(Debug)]
pub struct Scenes {
    world: World,
    story: Story,
}

impl Scenes {
    /// Ready to play.
    pub fn new(world: World, story: Story) -> Self {
        Self { world, story }
    }

    /// The world and the story, afterwards.
    pub fn end(self) -> (World, Story) {
        (self.world, self.story)
    }

    /// Plays all scenes.
    pub fn play(&mut self) -> Result<(), Fault> {
        self.seal_and_push()?;
        self.forgery()?;
        self.replay()?;
        self.no_right()?;
        power_cut::play(&mut self.world, &self.story)?;
        self.late()?;
        self.look_at_all()
    }

    fn seal_and_push(&mut self) -> Result<(), Fault> {
        self.story.scene("One message, sealed once, for a group of devices");
        self.seal("new-apn", "operator", GROUP, 1)?;
        self.story
            .tell("It goes to two devices by UDP and to two by HTTP. Nobody will ever answer.");
        for agent in &mut self.world.agents[..4] {
            agent.start()?;
        }
        for (number, transport) in [(1, "udp"), (2, "udp"), (3, "http"), (4, "http")] {
            let said = self.push("new-apn", number, transport)?;
            self.story.tell(said.lines().next().unwrap_or_default());
        }
        self.story.tell("The fifth device sleeps: nothing listens there.");
        let message = self.world.path("new-apn.wbxml");
        let asleep = push(&message, "http://127.0.0.1:9/push");
        let output = self.world.try_mgram(&self.story, false, &asleep)?;
        self.story.check(
            "a push to the sleeping device fails with status 1",
            output.status.code() == Some(1),
        );
        for agent in &mut self.world.agents[..4] {
            agent.wait_for(1)?;
        }
        Ok(())
    }

    fn forgery(&mut self) -> Result<(), Fault> {
        self.story.scene("A forgery: the right ServerID, the right key name, the wrong key");
        self.seal("forged", "forger", GROUP, 2)?;
        self.push("forged", 1, "udp")?;
        self.world.agents[0].wait_for(2)?;
        self.expect_refusal(1, "SignatureInvalid", "signature")
    }

    fn replay(&mut self) -> Result<(), Fault> {
        self.story.scene("A replay: the very message that device-2 has had already");
        self.push("new-apn", 2, "udp")?;
        self.world.agents[1].wait_for(2)?;
        self.expect_refusal(2, "Replayed", "freshness")
    }

    fn no_right(&mut self) -> Result<(), Fault> {
        self.story.scene("A server with an account, but without the right");
        self.seal("steal-apn", "partner", GROUP, 1)?;
        self.push("steal-apn", 3, "http")?;
        self.world.agents[2].wait_for(2)?;
        let entry = self.last_entry(3)?;
        let command = entry.commands.first();
        if let Some(command) = command {
            let why = command.why.as_deref().unwrap_or("done");
            self.story.tell(&format!("device-3's journal: {} {}", command.name, why));
        }
        let held = entry.verdict == Verdict::Accepted
            && command.is_some_and(|command| command.status == 425)
            && entry.changed.is_empty();
        self.story.check(
            "device-3 verified it and refused the command: 425, ACL of another server (R18, R23)",
            held,
        );
        Ok(())
    }

    fn late(&mut self) -> Result<(), Fault> {
        self.story.scene("The fifth device wakes up");
        self.world.agents[4].start()?;
        self.push("new-apn", 5, "http")?;
        self.world.agents[4].wait_for(1)?;
        self.story.tell("It gets the same octets, later. The message has no session to miss.");
        Ok(())
    }

    fn look_at_all(&mut self) -> Result<(), Fault> {
        self.story.scene("What is in the trees now");
        self.world.agents.iter_mut().try_for_each(Agent::stop)?;
        let addr = Uri::parse("./NAP/Internet/Addr").map_err(Fault::refused)?;
        let home = Uri::parse("./NAP/Home/Addr").map_err(Fault::refused)?;
        for agent in &self.world.agents {
            let tree = tree_of(agent)?;
            let text = |uri| tree.get(uri).and_then(|node| node.as_text().map(str::to_owned));
            let moved = text(&addr).as_deref() == Some(APN);
            let untouched = text(&home).as_deref() == Some("old.operator.example");
            let inbox_is_empty =
                Uri::parse("./Inbox").is_ok_and(|i| tree.children(&i).next().is_none());
            self.story.check(
                format!(
                    "{}: ./NAP/Internet/Addr is {APN}, Home untouched, Inbox empty",
                    agent.name
                ),
                moved && untouched && inbox_is_empty,
            );
        }
        let state = self.world.agents[0].state().display().to_string();
        let shown = self.world.mgram(&self.story, true, &["tree", &state, "./NAP"])?;
        shown.lines().for_each(|line| self.story.tell(line));
        Ok(())
    }

    // --------------------------------------------------------------------- props

    fn seal(&self, name: &str, who: &str, to: &str, counter: u32) -> Result<(), Fault> {
        let from = if who == "partner" { PARTNER } else { OPERATOR };
        let source = if name == "forged" { "new-apn" } else { name };
        let (xml, key) =
            (self.world.path(&format!("{source}.xml")), self.world.path(&format!("{who}/key.pem")));
        let (out, counter) = (self.world.path(&format!("{name}.wbxml")), counter.to_string());
        let arguments = [
            "seal",
            &xml,
            "--key",
            &key,
            "--key-name",
            KEY_NAME,
            "--server-id",
            from,
            "--device-id",
            to,
            "--counter",
            &counter,
            "-o",
            &out,
        ];
        let said = self.world.mgram(&self.story, true, &arguments)?;
        self.story
            .tell(said.trim_end().trim_start_matches(&format!("{}/", self.world.folder.display())));
        Ok(())
    }

    fn push(&self, name: &str, number: usize, transport: &str) -> Result<String, Fault> {
        let message = self.world.path(&format!("{name}.wbxml"));
        let address = self.world.agents[number - 1].address(transport);
        self.world.mgram(&self.story, true, &push(&message, &address))
    }

    /// The last journal entry of a device. The agent is stopped for the look and started again.
    fn last_entry(&mut self, number: usize) -> Result<Entry, Fault> {
        let agent = &mut self.world.agents[number - 1];
        agent.stop()?;
        let store = dm_agent::persist::RedbStore::open(&agent.state()).map_err(Fault::refused)?;
        let journal = store.journal().map_err(Fault::refused)?;
        let last = journal.last().and_then(|octets| Entry::decode(octets));
        drop(store);
        last.ok_or_else(|| Fault::refused(format!("{} has an empty journal", agent.name)))
    }

    fn expect_refusal(&mut self, number: usize, refusal: &str, stage: &str) -> Result<(), Fault> {
        let entry = self.last_entry(number)?;
        let clause = entry.clause.as_deref().unwrap_or("no clause");
        self.story.tell(&format!(
            "device-{number}'s journal: refused at stage {}: {}",
            entry.stage.as_deref().unwrap_or("none"),
            entry.reason.as_deref().unwrap_or("no reason"),
        ));
        let held = entry.verdict == Verdict::Refused
            && entry.refusal.as_deref() == Some(refusal)
            && entry.stage.as_deref() == Some(stage);
        self.story.check(format!("device-{number} refused it as {refusal} ({clause})"), held);
        Ok(())
    }
}

/// On this machine alone, where nobody else is.
fn push<'a>(message: &'a str, to: &'a str) -> [&'a str; 5] {
    ["push", message, "--danger-unprotected", "--to", to]
}

/// The tree in a device's state; the agent must not run.
pub fn tree_of(agent: &Agent) -> Result<Tree, Fault> {
    let store = dm_agent::persist::RedbStore::open(&agent.state()).map_err(Fault::refused)?;
    Tree::from_nodes(store.nodes().map_err(Fault::refused)?).map_err(Fault::refused)
}
