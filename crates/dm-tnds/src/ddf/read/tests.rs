use alloc::format;
use alloc::string::String;

use super::*;
use crate::ddf::{AllowedValues, EnumValue, NodeNaming, ValueType};
use dm_xml::Limits;

const FULL: &str = "<AccessType><Add/><Copy/><Delete/><Exec/><Get/><Replace/></AccessType>
  <DefaultValue>7</DefaultValue><Description>d</Description><DFFormat><int/></DFFormat>
  <Occurrence><OneOrN>4</OneOrN></Occurrence><Scope><Permanent/></Scope><DFTitle>t</DFTitle>
  <DFType><MIME>text/plain</MIME><MIME>text/x</MIME></DFType><CaseSense><CIS/></CaseSense>";
const PLAIN: &str = "<AccessType><Get/></AccessType><DFFormat><chr/></DFFormat>
  <DFType><DDFName/></DFType>";

fn document(nodes: &str) -> String {
    format!("<MgmtTree xmlns=\"syncml:dmddf1.2\"><VerDTD>1.2</VerDTD>{nodes}</MgmtTree>")
}

fn node(properties: &str) -> String {
    document(&format!(
        "<Node><NodeName>A</NodeName><DFProperties>{properties}</DFProperties></Node>"
    ))
}

fn strict(text: &str) -> Result<Ddf, ErrorKind> {
    let document = dm_xml::parse(text.as_bytes(), &Limits::default()).unwrap();
    Ddf::read(document.root()).map_err(|error| error.kind)
}

fn lenient(text: &str) -> Result<(Ddf, Vec<Deviation>), ErrorKind> {
    let (document, _) = dm_xml::parse_lenient(text.as_bytes(), &Limits::default()).unwrap();
    Ddf::read_lenient(document.root()).map_err(|error| error.kind)
}

#[test]
fn every_property_is_read() {
    let ddf = strict(&node(FULL)).unwrap();
    let found = &ddf.nodes[0].properties;
    assert_eq!(found.access_type, AccessType::from_iter(Access::ALL));
    assert_eq!(found.default_value.as_deref(), Some("7"));
    assert_eq!(found.description.as_deref(), Some("d"));
    assert_eq!(found.df_format, Some(Format::Int));
    assert_eq!(found.occurrence, Some(Occurrence::OneOrN(4)));
    assert_eq!(found.scope, Scope::Permanent);
    assert_eq!(found.df_title.as_deref(), Some("t"));
    assert_eq!(found.df_type, Some(DfType::Mime(["text/plain".into(), "text/x".into()].into())));
    assert_eq!(found.case_sense, Some(CaseSense::Insensitive));
}

#[test]
fn what_is_not_said_has_its_default() {
    let ddf = strict(&node(PLAIN)).unwrap();
    let found = &ddf.nodes[0].properties;
    assert_eq!((found.occurs(), found.occurrence), (Occurrence::One, None));
    assert_eq!((found.scope, found.case_sense), (Scope::Dynamic, None));
}

#[test]
fn every_occurrence_is_read() {
    for (text, expected) in [
        ("<One/>", Occurrence::One),
        ("<OneOrMore/>", Occurrence::OneOrMore),
        ("<OneOrN>2</OneOrN>", Occurrence::OneOrN(2)),
        ("<ZeroOrMore/>", Occurrence::ZeroOrMore),
        ("<ZeroOrN> 65536 </ZeroOrN>", Occurrence::ZeroOrN(65_536)),
        ("<ZeroOrOne/>", Occurrence::ZeroOrOne),
    ] {
        let ddf = strict(&node(&format!("{PLAIN}<Occurrence>{text}</Occurrence>"))).unwrap();
        assert_eq!(ddf.nodes[0].properties.occurrence, Some(expected));
    }
}

#[test]
fn every_node_knows_where_it_stands() {
    let inner = |name: &str, below: &str| {
        format!(
            "<Node><NodeName>{name}</NodeName><Path>./wrong</Path><DFProperties>{PLAIN}</DFProperties>{below}</Node>"
        )
    };
    let tree = inner("", &inner("C", ""));
    let text = document(&format!(
        "<Node><NodeName>A</NodeName><Path>./V/M</Path><DFProperties>{PLAIN}</DFProperties>{tree}</Node>
         <Node><NodeName>.</NodeName><Path/><DFProperties>{PLAIN}</DFProperties>{}</Node>
         <Node><NodeName/><DFProperties>{PLAIN}</DFProperties></Node>",
        inner("D", "")
    ));
    let ddf = strict(&text).unwrap();
    let uris: Vec<String> = ddf.nodes().map(|(id, _)| ddf.uri(id)).collect();
    assert_eq!(uris, ["./V/M/A", "./V/M/A/*", "./V/M/A/*/C", ".", "./D", "./*"]);
    assert_eq!(ddf.roots().map(NodeId::index).collect::<Vec<_>>(), [0, 3, 5]);
    assert_eq!(ddf.nodes[1].children, [NodeId(2)]);
}

#[test]
fn what_the_dtd_does_not_have_is_refused() {
    let cases = [
        (node(""), Missing("AccessType")),
        (node("<AccessType/><DFFormat><chr/></DFFormat>"), Missing("DFType")),
        (document("<Node><NodeName>A</NodeName></Node>"), Missing("DFProperties")),
        (document("<Node/>"), Missing("NodeName")),
        (node("<AccessType><Get/><Get/></AccessType>"), Twice),
        (node("<AccessType><Move/></AccessType>"), Unexpected),
        (node("<DFFormat><text/></DFFormat>"), UnknownFormat),
        (node("<DFFormat/>"), NoChoice),
        (node("<Scope><Dynamic/><Permanent/></Scope>"), Twice),
        (node("<Occurrence><ZeroOrN/></Occurrence>"), ErrorKind::NoNumber),
        (node("<Occurrence><OneOrN>65537</OneOrN></Occurrence>"), ErrorKind::NoNumber),
        (node("<Occurrence><Two/></Occurrence>"), Unexpected),
        (node("<CaseSense><x/></CaseSense>"), Unexpected),
        (node("<DFType/>"), NoChoice),
        (node("<DFType><DDFName/><MIME/></DFType>"), MixedContent),
        (node("<Extra/>"), Unexpected),
        (node("<Extra xmlns='urn:x'/>"), Unexpected),
        (node("text"), MixedContent),
        (document("").replace("1.2</", "1.1</"), VerDtd),
    ];
    for (text, kind) in cases {
        assert_eq!(strict(&text).unwrap_err(), kind, "{text}");
    }
}

#[test]
fn windows_descriptions_are_read_leniently() {
    let text = "\u{FEFF}<?xml version=\"1.0\"?>
<!DOCTYPE MgmtTree PUBLIC \" -//OMA//DTD-DM-DDF 1.2//EN\" \"http://x/>.dtd\" [<?v a=\"1.2\"?>]>
<!-- hello -->
<MgmtTree xmlns:M=\"http://schemas.microsoft.com/MobileDevice/DM\" xmlns:o=\"urn:other\">
 <VerDTD>1.2</VerDTD><M:Diagnostics/>
 <Node><NodeName></NodeName><Path>./Vendor</Path><DFProperties><AccessType><Add/></AccessType>
  <DFFormat><int/></DFFormat><Occurrence><ZeroOrN/></Occurrence><DFType><MIME/></DFType><o:x/>
  <M:DynamicNodeNaming><M:UniqueName>a GUID</M:UniqueName></M:DynamicNodeNaming>
  <M:Applicability><M:OsBuildVersion>10.0</M:OsBuildVersion><M:CspVersion>1.0</M:CspVersion>
  </M:Applicability><M:Deprecated OsBuildDeprecated=\"10.0.1\"/>
  <M:AllowedValues ValueType=\"ENUM\"><M:Enum><M:Value>0</M:Value>
  <M:ValueDescription>off</M:ValueDescription></M:Enum><M:List Delimiter=\";\"/></M:AllowedValues>
 </DFProperties></Node></MgmtTree>";
    let (ddf, deviations) = lenient(text).unwrap();
    let found = &ddf.nodes[0].properties;
    assert_eq!(
        found.allowed_values,
        Some(AllowedValues {
            value_type: ValueType::Enum,
            enums: [EnumValue { value: "0".into(), description: Some("off".into()) }].into(),
            values: Vec::new(),
            delimiter: Some(";".into()),
        })
    );
    assert_eq!(found.node_naming, Some(NodeNaming::UniqueName("a GUID".into())));
    let applicability = found.applicability.as_ref().unwrap();
    assert_eq!(applicability.os_build_version.as_deref(), Some("10.0"));
    assert_eq!(found.deprecated.as_deref(), Some("10.0.1"));
    assert_eq!(found.occurrence, Some(Occurrence::ZeroOrMore));
    let number = Deviation { kind: DeviationKind::NoNumber, node: Some(NodeId(0)) };
    let bare = Deviation { kind: DeviationKind::NoNamespace, node: None };
    assert_eq!(deviations, [bare, number]);
}

#[test]
fn a_lenient_reader_says_what_is_missing() {
    let (ddf, deviations) = lenient(&document("<Node><DFProperties/></Node>")).unwrap();
    assert_eq!(ddf.len(), 1);
    let kinds: Vec<_> = deviations.iter().map(|deviation| deviation.kind).collect();
    let missing = ["AccessType", "DFFormat", "DFType", "NodeName"].map(DeviationKind::Missing);
    assert_eq!(kinds, missing);
}

#[test]
fn even_a_lenient_reader_refuses_what_it_does_not_know() {
    for (text, kind) in [
        (node("<Extra/>"), Unexpected),
        (node("<DFFormat><text/></DFFormat>"), UnknownFormat),
        ("<SyncML xmlns='syncml:dmddf1.2'/>".into(), NotMgmtTree),
        ("<MgmtTree xmlns='urn:x'/>".into(), NotMgmtTree),
        ("<MgmtTree/>".into(), VerDtd),
    ] {
        assert_eq!(lenient(&text).unwrap_err(), kind, "{text}");
    }
}
