//! What a message says, how it is signed, and where it deviates.

use dm_client::Refusal;
use dm_seal::{Provider, StructureError};
use dm_syncml::tables::SYNCML_1_2;
use dm_syncml::{MetaRule, SyncBody, SyncHdr};
use dm_wbxml::Source;
use dm_xml::{Document, Lenient, Limits};

use crate::deviation::Deviation;
use crate::language::LANGUAGES;
use crate::recognise::{is_xml, wbxml};
use crate::words::{self, Command, Header};
use crate::{Kind, Message, Signature, signature};

/// What was found out about a message.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// Namespace and name of the root element.
    pub root: Option<(String, String)>,
    /// Who to whom, if it has a header.
    pub header: Option<Header>,
    /// Its commands in words; of another document, its content.
    pub commands: Vec<Command>,
    /// Its signature; none, if the document could not be read.
    pub signature: Option<Signature>,
    /// Where it deviates from what a device accepts.
    pub deviations: Vec<Deviation>,
    /// How many more deviations there are.
    pub unlisted: usize,
}

/// Looks at a message. The provider's digests tell whether a signed one was changed; no key is asked.
#[must_use]
pub fn examine(message: &Message, provider: &impl Provider) -> Findings {
    let mut findings = Findings::default();
    if message.kind == Kind::Unknown {
        return findings;
    }
    let (deviations, unlisted) = read(&message.octets, |document| {
        let Some(document) = document else { return };
        let root = document.root();
        findings.root = Some((root.namespace().to_owned(), root.local().to_owned()));
        findings.header = words::header(root);
        findings.commands = words::commands(root);
        let (signature, error) = signature::look(document, provider);
        findings.deviations = of_model(document, error);
        findings.signature = Some(signature);
    });
    findings.deviations.splice(0..0, deviations);
    findings.unlisted = unlisted;
    findings
}

/// What the stages of a gate behind the reader would say. [profile §8]
fn of_model(document: &Document<'_>, structure: Option<StructureError>) -> Vec<Deviation> {
    let root = document.root();
    // Another document is no message that is not in order.
    if root.local() != "SyncML" {
        return Vec::new();
    }
    let header = SyncHdr::read(root).err().map(|error| ("header", Refusal::Header(error)));
    let body = match root.namespace() {
        SYNCML_1_2 => SyncBody::read(root).err(),
        _ => None, // the header has said it
    };
    let body = body.map(|error| ("model", Refusal::Model(error)));
    let structure = structure.map(|error| match error {
        StructureError::NotSigned => ("signature", Refusal::NotSigned),
        error => ("signature", Refusal::Structure(error)),
    });
    let found = [header, structure, body].into_iter().flatten();
    found.map(|(layer, refusal)| Deviation::of_refusal(layer, &refusal)).collect()
}

/// The infoset of a message as XML text for the eyes, one element a line; white space is not kept.
#[must_use]
pub fn xml(message: &Message) -> Option<String> {
    let mut text = None;
    let _ = read(&message.octets, |document| text = document.map(words::indented));
    text
}

/// Reads a document of either kind as far as it can be read.
///
/// The octets decide which kind it is: the caller has recognised them.
pub(crate) fn read(
    octets: &[u8],
    look: impl FnOnce(Option<&Document<'_>>),
) -> (Vec<Deviation>, usize) {
    let limits = Limits::generous();
    if is_xml(octets) || wbxml(octets, false).is_none() && !matches!(octets.first(), Some(0..=3)) {
        return match dm_xml::parse_lenient(octets, &limits) {
            Ok((document, lenient)) => {
                look(Some(&document));
                let all = lenient.deviations().iter();
                (all.map(|error| Deviation::of_xml(error, 0)).collect(), lenient.unlisted())
            }
            Err(error) => {
                look(None);
                (vec![Deviation::of_xml(&error, 0)], 0)
            }
        };
    }
    let mut lenient = Lenient::default();
    let mut last = None;
    match Source::new_lenient(octets, &LANGUAGES, &limits, &mut lenient) {
        Ok(source) => match source.decode(MetaRule::default(), &limits, &mut lenient) {
            Ok(document) => look(Some(&document)),
            Err(error) => {
                look(None);
                last = Some(error);
            }
        },
        Err(error) => {
            look(None);
            last = Some(error);
        }
    }
    let unlisted = lenient.unlisted();
    let all = lenient.into_deviations().into_iter().chain(last);
    (all.map(|error| Deviation::of_wbxml(&error, 0)).collect(), unlisted)
}
