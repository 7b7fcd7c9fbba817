//! What can go wrong: texts that name nothing, and commands that fail.

use core::fmt;

use crate::{Status, Uri};

/// Why a command failed, and where. A failed command leaves no trace in the tree.
///
/// ```
/// use dm_tree::{Rules, Status, Transaction, Tree, Uri};
/// let (mut tree, rules) = (Tree::new(), Rules::default());
/// let mut transaction = Transaction::begin(&mut tree, &rules, "srv.example");
/// let failure = transaction.delete(&Uri::parse("./None")?).unwrap_err();
/// assert_eq!(failure.status(), Status::NotFound);
/// assert_eq!(failure.to_string(), "404 not found: no such node: ./None");
/// # Ok::<(), dm_tree::UriError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Failure {
    /// The rule that was broken.
    pub reason: Reason,
    /// The node that broke it, where there is one.
    pub uri: Option<Uri>,
}

impl Failure {
    pub(crate) fn at(uri: &Uri, reason: Reason) -> Self {
        Self { reason, uri: Some(uri.clone()) }
    }

    /// The status code of the command.
    #[must_use]
    pub fn status(&self) -> Status {
        self.reason.status()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.status(), self.reason)?;
        match &self.uri {
            Some(uri) => write!(f, ": {uri}"),
            None => Ok(()),
        }
    }
}

impl From<Reason> for Failure {
    fn from(reason: Reason) -> Self {
        Self { reason, uri: None }
    }
}

impl From<UriError> for Failure {
    fn from(error: UriError) -> Self {
        Reason::Uri(error).into()
    }
}

impl From<AclError> for Failure {
    fn from(error: AclError) -> Self {
        Reason::Acl(error).into()
    }
}

impl From<TargetError> for Failure {
    fn from(error: TargetError) -> Self {
        match error {
            TargetError::Query => Reason::Query.into(),
            TargetError::Uri(error) => error.into(),
        }
    }
}

/// The rules that a command can break.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// The maker's AccessType does not include the command. [TND 1.2 §9.3.1]
    #[error("the node does not take this command")]
    AccessType,
    /// Messages do not touch accounts, unless the configuration says so. [profile §4.5]
    #[error("accounts are not changed by messages")]
    AccountChange,
    /// Messages make no accounts, unless the configuration says so. [profile §4.5]
    #[error("accounts are not created by messages")]
    AccountCreation,
    /// The ACL is malformed. [TND 1.2 §7.7.1]
    #[error("malformed ACL")]
    Acl(#[source] AclError),
    /// Nothing stands below a leaf. [TND 1.2 §7.4]
    #[error("the parent is a leaf")]
    BelowLeaf,
    /// A `./Inbox/` reference to nothing in the same object. [Sessionless §5.5, profile §9]
    #[error("reference to nothing in the same object")]
    DanglingReference,
    /// The node has as many children as it may.
    #[error("the parent has no room for another node")]
    Children,
    /// The description gives the node another format. [TND 1.2 §9.3]
    #[error("the device's description gives the node another format")]
    DescribedFormat,
    /// The description gives the node other types. [TND 1.2 §9.3]
    #[error("the device's description gives the node another type")]
    DescribedType,
    /// A node of this URI is there already. [REP 1.2 §6.6.1]
    #[error("the node exists")]
    Exists,
    /// A value that is none of its format. [TND 1.2 §7.7.3]
    #[error("the value does not fit the format")]
    Format,
    /// The tree holds as many nodes as it may.
    #[error("the tree is full")]
    Full,
    /// The last node of a kind of which the description has one at least. [TND 1.2 §9.3,
    /// Occurrence]
    #[error("the device's description has one such node at least")]
    Needed,
    /// Nothing stays in the Inbox. [STD 1.2 §7.1.3.4, profile §9]
    #[error("nothing stays in the Inbox")]
    Inbox,
    /// Interior nodes have no value. [TND 1.2 §7.4]
    #[error("the node is interior")]
    Interior,
    /// The URI is longer than the device takes, or has more segments. [STD 1.2 DevDetail]
    #[error("the URI is too long")]
    LongUri,
    /// There is no such node.
    #[error("no such node")]
    Missing,
    /// The object is nested deeper than [`OBJECT_DEPTH`](crate::OBJECT_DEPTH).
    #[error("the object is nested too deep")]
    Nesting,
    /// No free name is left for a delivered object.
    #[error("no free name for the object")]
    NoName,
    /// The node is not one of those that do something.
    #[error("there is nothing to execute")]
    NotExecutable,
    /// The object is not serialized as TNDS 1.2 says. [TNDS 1.2 §9.2]
    #[error("not an object of version 1.2")]
    NotTnds,
    /// The first node of the object is not the node to be replaced. [REP 1.2 §6.6.11]
    #[error("the object does not start at its target")]
    OtherTarget,
    /// A `Path` inside the object, or an absolute one. [TNDS 1.2 §9.1.3]
    #[error("misplaced Path")]
    Path,
    /// The description has room for one such node. [TND 1.2 §9.3, Occurrence]
    #[error("the device's description has one such node only")]
    Occurrence,
    /// As many such nodes are there as the description has room for. [TND 1.2 §9.3, Occurrence]
    #[error("the device's description has no room for another such node")]
    Occurrences,
    /// Permanent nodes keep their place, format and type. [TND 1.2 §7.4]
    #[error("the node is permanent")]
    Permanent,
    /// The property does not take the command. [TND 1.2 §7.7]
    #[error("the property does not take this command")]
    Property,
    /// A query that is not `?prop=` and a property that the node has. [TND 1.2 §7.7.4]
    #[error("query is not supported")]
    Query,
    /// The effective ACL gives the server no such right. [TND 1.2 §7.7.1]
    #[error("the server has no such right")]
    Right,
    /// The root has `Add=*`. [TND 1.2 §7.7.1.3]
    #[error("the ACL of the root has Add=*")]
    RootAcl,
    /// Another account has this ServerID, or no ACL could name it. [Sessionless §5.5]
    #[error("the ServerID is taken or unusable")]
    ServerId,
    /// A node with children and a value, or a format that does not fit. [TND 1.2 §7.4]
    #[error("neither an interior node nor a leaf")]
    Shape,
    /// Only leaves are copied.
    #[error("the source is interior")]
    SourceInterior,
    /// A node inside an object without a name. [TNDS 1.2 §9.1]
    #[error("the node has no name")]
    Unnamed,
    /// An extension that the device does not know, by a policy that fails it. [Sessionless §5.5]
    #[error("the device does not know this extension")]
    UnknownExt,
    /// An object that the device does not support, by a policy that fails it. [Sessionless §5.5]
    #[error("the device does not support this object")]
    UnsupportedObject,
    /// The URI is malformed. [TND 1.2 §7.1]
    #[error("malformed URI")]
    Uri(#[source] UriError),
    /// A value, title or ACL is longer than the device takes.
    #[error("the value is too long")]
    Value,
}

impl Reason {
    /// The status code of a command that broke this rule.
    #[must_use]
    pub fn status(self) -> Status {
        match self {
            Reason::Acl(_) => Status::BadRequest,
            Reason::AccountCreation | Reason::ServerId | Reason::SourceInterior => {
                Status::Forbidden
            }
            Reason::DanglingReference
            | Reason::Missing
            | Reason::OtherTarget
            | Reason::Path
            | Reason::Unnamed
            | Reason::Uri(_) => Status::NotFound,
            Reason::AccessType
            | Reason::AccountChange
            | Reason::BelowLeaf
            | Reason::Inbox
            | Reason::Interior
            | Reason::Needed
            | Reason::NotExecutable
            | Reason::Occurrence
            | Reason::Permanent
            | Reason::Property
            | Reason::RootAcl
            | Reason::Shape => Status::NotAllowed,
            Reason::Query | Reason::UnknownExt | Reason::UnsupportedObject => Status::NotSupported,
            Reason::Nesting | Reason::Value => Status::TooLarge,
            Reason::LongUri => Status::UriTooLong,
            Reason::DescribedFormat | Reason::DescribedType | Reason::Format | Reason::NotTnds => {
                Status::UnsupportedFormat
            }
            Reason::Exists => Status::AlreadyExists,
            Reason::Children | Reason::Full | Reason::NoName | Reason::Occurrences => {
                Status::DeviceFull
            }
            Reason::Right => Status::PermissionDenied,
        }
    }
}

/// Why a text is no ACL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum AclError {
    /// An entry names a command that there is none of.
    #[error("no such command in an ACL")]
    Command,
    /// An entry is not `command=ids`.
    #[error("entry without =")]
    Entry,
    /// An entry names no id, or one that no ACL can hold.
    #[error("empty or forbidden id")]
    Id,
}

/// Why octets are no node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("corrupt node at octet {offset}")]
pub struct CorruptNode {
    /// Where reading stopped.
    pub offset: usize,
}

/// Why a text is no target of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum TargetError {
    /// A query that is not `?prop=` and a property.
    #[error("query is not supported")]
    Query,
    /// The URI before the query is malformed.
    #[error("malformed URI")]
    Uri(#[from] UriError),
}

/// Why nodes are no tree.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TreeError {
    /// Two nodes of one URI.
    #[error("two nodes at {0}")]
    Double(Uri),
    /// The parent is missing, or is a leaf.
    #[error("no interior node above {0}")]
    Orphan(Uri),
    /// The format does not fit the value.
    #[error("neither an interior node nor a leaf at {0}")]
    Shape(Uri),
}

/// Why a text is no URI of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum UriError {
    /// A name holds white space, a control character, `/`, `?`, `#`, `%`, or what XML forbids.
    #[error("forbidden character")]
    Character,
    /// A segment is `.` or `..`.
    #[error("segment of dots")]
    DotSegment,
    /// A segment is empty, perhaps behind a slash at the end.
    #[error("empty segment")]
    EmptySegment,
    /// A percent sign without two hexadecimal digits, or octets that are no UTF-8.
    #[error("malformed escape")]
    Escape,
}
