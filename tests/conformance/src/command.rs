//! Commands as XML text.

/// Text with the characters of markup replaced.
#[must_use]
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// An item with a target.
#[must_use]
pub fn item(target: &str, rest: &str) -> String {
    format!("<Item><Target><LocURI>{}</LocURI></Target>{rest}</Item>", escaped(target))
}

/// `Meta` with these fields; an empty one is left out.
#[must_use]
pub fn meta(format: &str, r#type: &str) -> String {
    let field = |name, text: &str| match text {
        "" => String::new(),
        _ => format!("<{name} xmlns=\"syncml:metinf\">{text}</{name}>"),
    };
    format!("<Meta>{}{}</Meta>", field("Format", format), field("Type", r#type))
}

/// A command with one item.
#[must_use]
pub fn one(verb: &str, cmd_id: &str, item: &str) -> String {
    format!("<{verb}><CmdID>{cmd_id}</CmdID>{item}</{verb}>")
}

/// `Data` with this text.
#[must_use]
pub fn data(text: &str) -> String {
    format!("<Data>{}</Data>", escaped(text))
}

/// Replace of a value, or of a property with `?prop=`.
#[must_use]
pub fn replace(cmd_id: &str, target: &str, value: &str) -> String {
    one("Replace", cmd_id, &item(target, &data(value)))
}

/// Add of a leaf.
#[must_use]
pub fn add(cmd_id: &str, target: &str, value: &str) -> String {
    one("Add", cmd_id, &item(target, &data(value)))
}

/// Add of an interior node with this identifier.
#[must_use]
pub fn add_interior(cmd_id: &str, target: &str, identifier: &str) -> String {
    one("Add", cmd_id, &item(target, &meta("node", identifier)))
}

/// Delete.
#[must_use]
pub fn delete(cmd_id: &str, target: &str) -> String {
    one("Delete", cmd_id, &item(target, ""))
}

/// Copy.
#[must_use]
pub fn copy(cmd_id: &str, source: &str, target: &str) -> String {
    let source = format!("<Source><LocURI>{}</LocURI></Source>", escaped(source));
    one("Copy", cmd_id, &item(target, &source))
}

/// Get.
#[must_use]
pub fn get(cmd_id: &str, target: &str) -> String {
    one("Get", cmd_id, &item(target, ""))
}

/// Exec.
#[must_use]
pub fn exec(cmd_id: &str, target: &str) -> String {
    one("Exec", cmd_id, &item(target, ""))
}

/// Alert with this code.
#[must_use]
pub fn alert(cmd_id: &str, code: &str) -> String {
    format!("<Alert><CmdID>{cmd_id}</CmdID><Data>{code}</Data></Alert>")
}

/// `Atomic` or `Sequence` around these commands.
#[must_use]
pub fn group(kind: &str, cmd_id: &str, commands: &[String]) -> String {
    format!("<{kind}><CmdID>{cmd_id}</CmdID>{}</{kind}>", commands.concat())
}
