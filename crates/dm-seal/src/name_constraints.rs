//! The names that an authority may give away. [RFC 5280 §4.2.1.10]

use alloc::string::ToString;
use alloc::vec::Vec;

use dm_xml::brief;
use x509_cert::der::asn1::Ia5String;
use x509_cert::ext::pkix::NameConstraints;
use x509_cert::ext::pkix::constraints::name::GeneralSubtree;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::name::Name;

use crate::ChainError;
use crate::certificate::{bare_host, host};
use crate::directory_name;

/// Whether an authority with these constraints may issue a certificate with this subject and
/// these names.
pub(crate) fn permits(
    constraints: &NameConstraints,
    subject: &Name,
    names: &[GeneralName],
) -> Result<(), ChainError> {
    let permitted = constraints.permitted_subtrees.as_deref().unwrap_or_default();
    let excluded = constraints.excluded_subtrees.as_deref().unwrap_or_default();
    // Profiles leave minimum and maximum alone, and so do we.
    if permitted.iter().chain(excluded).any(|tree| tree.minimum != 0 || tree.maximum.is_some()) {
        return Err(ChainError::Malformed);
    }
    let subject = (!subject.is_empty()).then(|| GeneralName::DirectoryName(subject.clone()));
    // A URI that is no more than a host would name the server of that host: it is held against what
    // is said of DNS names too.
    let hosts = names.iter().filter_map(host_in_uri);
    let hosts = hosts.collect::<Result<Vec<_>, _>>()?;
    for name in names.iter().chain(&subject).chain(&hosts) {
        let of_its_kind = |tree: &&GeneralSubtree| {
            core::mem::discriminant(&tree.base) == core::mem::discriminant(name)
        };
        let mut permitted = permitted.iter().filter(of_its_kind).peekable();
        let allowed = permitted.peek().is_none()
            || permitted.any(|tree| is_within(name, &tree.base) == Some(true));
        let mut excluded = excluded.iter().filter(of_its_kind);
        // A name that cannot be placed is inside of what is excluded and outside of all else.
        if !allowed || excluded.any(|tree| is_within(name, &tree.base) != Some(false)) {
            return Err(ChainError::NameConstraints(brief(&shown(name))));
        }
    }
    Ok(())
}

fn host_in_uri(name: &GeneralName) -> Option<Result<GeneralName, ChainError>> {
    let GeneralName::UniformResourceIdentifier(text) = name else { return None };
    let host = bare_host(text.as_str())?;
    Some(Ia5String::new(host).map(GeneralName::DnsName).map_err(|_| ChainError::Malformed))
}

/// Whether a name is in the subtree of this base, both of one kind; none when it cannot be said.
fn is_within(name: &GeneralName, base: &GeneralName) -> Option<bool> {
    match (name, base) {
        (GeneralName::DnsName(name), GeneralName::DnsName(base)) => {
            Some(is_below(name.as_str(), base.as_str().trim_start_matches('.'), true))
        }
        (
            GeneralName::UniformResourceIdentifier(name),
            GeneralName::UniformResourceIdentifier(base),
        ) => {
            let (host, base) = (host(name.as_str())?, base.as_str());
            Some(match base.strip_prefix('.') {
                Some(domain) => is_below(host, domain, false),
                None => host.eq_ignore_ascii_case(base),
            })
        }
        (GeneralName::DirectoryName(name), GeneralName::DirectoryName(base)) => {
            let mut name = name.iter_rdn();
            Some(base.iter_rdn().all(|part| name.next() == Some(part)))
        }
        _ => None,
    }
}

/// Whether a host is the domain itself, if that counts, or has labels in front of it.
fn is_below(host: &str, domain: &str, itself: bool) -> bool {
    if domain.is_empty() {
        return true;
    }
    let Some(labels) = host.len().checked_sub(domain.len()) else { return false };
    let (Some(front), Some(end)) = (host.get(..labels), host.get(labels..)) else { return false };
    end.eq_ignore_ascii_case(domain) && if front.is_empty() { itself } else { front.ends_with('.') }
}

fn shown(name: &GeneralName) -> alloc::string::String {
    match name {
        GeneralName::DnsName(text) | GeneralName::UniformResourceIdentifier(text) => {
            text.to_string()
        }
        GeneralName::DirectoryName(name) => directory_name::text(name),
        _ => "a name of another kind".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dns(text: &str) -> GeneralName {
        GeneralName::DnsName(Ia5String::new(text).unwrap())
    }

    fn uri(text: &str) -> GeneralName {
        GeneralName::UniformResourceIdentifier(Ia5String::new(text).unwrap())
    }

    fn tree(base: GeneralName) -> GeneralSubtree {
        GeneralSubtree { base, minimum: 0, maximum: None }
    }

    fn constraints(permitted: &[GeneralName], excluded: &[GeneralName]) -> NameConstraints {
        let trees = |names: &[GeneralName]| {
            (!names.is_empty()).then(|| names.iter().cloned().map(tree).collect::<Vec<_>>())
        };
        NameConstraints { permitted_subtrees: trees(permitted), excluded_subtrees: trees(excluded) }
    }

    fn allows(constraints: &NameConstraints, name: GeneralName) -> bool {
        permits(constraints, &Name::default(), &[name]).is_ok()
    }

    #[test]
    fn a_dns_name_is_the_domain_or_below_it() {
        let only = constraints(&[dns("dm.example")], &[]);
        for (name, allowed) in [
            ("dm.example", true),
            ("a.dm.example", true),
            ("A.DM.EXAMPLE", true),
            ("evildm.example", false),
            ("example", false),
            ("dm.example.evil.example", false),
        ] {
            assert_eq!(allows(&only, dns(name)), allowed, "{name}");
            let not = constraints(&[], &[dns("dm.example")]);
            assert_eq!(allows(&not, dns(name)), !allowed, "{name}");
        }
        assert!(allows(&only, uri("https://other.example")), "another kind is not meant");
    }

    #[test]
    fn a_uri_is_placed_by_its_host() {
        let host = constraints(&[uri("dm.example")], &[]);
        let domain = constraints(&[uri(".dm.example")], &[]);
        for (name, of_host, of_domain) in [
            ("https://dm.example:8443/dm", true, false),
            ("https://a.dm.example/dm", false, true),
            ("https://evil.example/dm.example", false, false),
            ("https://dm.example@evil.example/", false, false),
            ("urn:dm.example", false, false),
        ] {
            assert_eq!(allows(&host, uri(name)), of_host, "{name}");
            assert_eq!(allows(&domain, uri(name)), of_domain, "{name}");
        }
        let not = constraints(&[], &[uri("evil.example")]);
        assert!(
            !allows(&not, uri("urn:x")),
            "what has no host cannot be told from what is excluded"
        );
        assert!(allows(&not, uri("https://dm.example")));
    }

    #[test]
    fn a_uri_that_is_only_a_host_does_not_escape_what_is_said_of_dns_names() {
        let only = constraints(&[dns("a.example")], &[]);
        let not = constraints(&[], &[dns("b.example")]);
        for name in ["dm.b.example", "dm.b.example:443", "dm.b.example/dm"] {
            assert!(!allows(&only, uri(name)), "{name}");
            assert!(!allows(&not, uri(name)), "{name}");
        }
        assert!(allows(&only, uri("dm.a.example")));
        assert!(allows(&not, uri("dm.a.example")));
        assert!(allows(&only, uri("urn:server:1")), "no host");
    }

    #[test]
    fn an_excluded_name_is_excluded_although_it_is_permitted() {
        let both = constraints(&[dns("example")], &[dns("dm.example")]);
        assert!(allows(&both, dns("a.example")));
        assert!(!allows(&both, dns("dm.example")));
    }

    #[test]
    fn a_distance_is_not_understood() {
        let mut distant = constraints(&[dns("example")], &[]);
        distant.permitted_subtrees.as_mut().unwrap()[0].minimum = 1;
        assert!(!allows(&distant, dns("a.example")));
    }
}
