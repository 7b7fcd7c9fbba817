//! Lines of an import: of JSON, or of CSV. Each becomes a patch of one device.

use std::io::{BufRead, Read};

use serde_json::{Map, Value};
use thiserror::Error;

/// Devices to be imported, one a line.
///
/// In JSON a line is a `dm_api::Device`, or what is to be changed of it: what stands there as `null` goes, and what is not named
/// stays. In CSV the first line names the columns: `id`, `zone`, `tags` and `groups` (words with spaces between them),
/// `addresses.ROUTE`, `attributes.NAME`, `capabilities.NAME`. A field that is empty takes away what was known.
pub struct Lines<'a>(Kind<'a>);

enum Kind<'a> {
    Json {
        from: Box<dyn BufRead + Send + 'a>,
        line: u64,
        text: Vec<u8>,
    },
    Csv {
        from: Box<csv::Reader<Box<dyn Read + Send + 'a>>>,
        columns: Vec<Column>,
        record: csv::StringRecord,
    },
}

/// A line that cannot be read; or the whole, if it ends there.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LinesError {
    /// The first line names something that devices do not have.
    #[error(
        "line 1: `{0}` is no column: write id, zone, tags, groups, addresses.ROUTE, attributes.NAME or capabilities.NAME"
    )]
    Column(String),
    /// The first line does not name the device.
    #[error("line 1: there is no column `id`: it says which device a line is about")]
    NoId,
    /// A column stands there twice.
    #[error("line 1: column `{0}` is there twice")]
    Twice(String),
    /// The file cannot be read.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// The first line cannot be read.
    #[error("line 1: {0}")]
    Csv(#[from] csv::Error),
}

/// What is wrong with one line.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum Bad {
    /// It is not of the form.
    #[error("{0}")]
    Form(String),
    /// It is longer than any device is.
    #[error("the line has more than {LONGEST} octets")]
    Long,
    /// It does not say which device it is about.
    #[error("there is no `id`")]
    NoId,
}

struct Column {
    path: Vec<String>,
    /// Words with spaces between them.
    is_list: bool,
    /// A number, where there is one.
    is_number: bool,
}

/// A line, read.
pub(super) struct Line {
    pub number: u64,
    pub patch: Result<(String, Value), Bad>,
}

/// Octets of the longest line.
const LONGEST: usize = 1 << 20;

impl<'a> Lines<'a> {
    /// Lines of JSON.
    pub fn json(from: impl BufRead + Send + 'a) -> Self {
        Self(Kind::Json { from: Box::new(from), line: 0, text: Vec::new() })
    }

    /// CSV, RFC 4180, whose first line names the columns.
    ///
    /// # Errors
    /// [`LinesError`]: of the first line.
    pub fn csv(from: impl Read + Send + 'a) -> Result<Self, LinesError> {
        let from: Box<dyn Read + Send + 'a> = Box::new(from);
        let mut from = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(from);
        let names: Vec<String> = from.headers()?.iter().map(str::to_owned).collect();
        let mut others = names.iter().enumerate();
        if let Some((_, name)) = others.find(|(at, name)| names[..*at].contains(name)) {
            return Err(LinesError::Twice(name.clone()));
        }
        if !names.iter().any(|name| name == "id") {
            return Err(LinesError::NoId);
        }
        let columns = names.iter().map(|name| column(name)).collect::<Result<_, _>>()?;
        Ok(Self(Kind::Csv { from: Box::new(from), columns, record: csv::StringRecord::new() }))
    }

    /// The next line; nothing at the end.
    pub(super) fn next(&mut self) -> Result<Option<Line>, LinesError> {
        match &mut self.0 {
            Kind::Json { from, line, text } => loop {
                text.clear();
                let read = from.by_ref().take(LONGEST as u64 + 1).read_until(b'\n', text)?;
                *line += 1;
                let number = *line;
                if read == 0 {
                    return Ok(None);
                }
                if text.len() > LONGEST {
                    skip_line(from, text.ends_with(b"\n"))?;
                    return Ok(Some(Line { number, patch: Err(Bad::Long) }));
                }
                if !text.trim_ascii().is_empty() {
                    return Ok(Some(Line { number, patch: of_json(text) }));
                }
            },
            Kind::Csv { from, columns, record } => {
                let number = from.position().line();
                match from.read_record(record) {
                    Ok(false) => Ok(None),
                    Ok(true) => {
                        let number = record.position().map_or(number, csv::Position::line);
                        Ok(Some(Line { number, patch: of_csv(columns, record) }))
                    }
                    Err(error) if error.is_io_error() => Err(error.into()),
                    Err(error) => {
                        Ok(Some(Line { number, patch: Err(Bad::Form(error.to_string())) }))
                    }
                }
            }
        }
    }
}

fn skip_line(from: &mut dyn BufRead, is_over: bool) -> std::io::Result<()> {
    let mut is_over = is_over;
    while !is_over {
        let buffer = from.fill_buf()?;
        let end = buffer.iter().position(|octet| *octet == b'\n');
        is_over = end.is_some() || buffer.is_empty();
        let used = end.map_or(buffer.len(), |at| at + 1);
        from.consume(used);
    }
    Ok(())
}

fn of_json(text: &[u8]) -> Result<(String, Value), Bad> {
    let value: Value =
        serde_json::from_slice(text).map_err(|error| Bad::Form(error.to_string()))?;
    let id = value.get("id").and_then(Value::as_str).ok_or(Bad::NoId)?;
    Ok((id.to_owned(), value))
}

fn of_csv(columns: &[Column], record: &csv::StringRecord) -> Result<(String, Value), Bad> {
    let mut patch = Value::Object(Map::new());
    let mut id = None;
    for (column, text) in columns.iter().zip(record) {
        if column.path == ["id"] {
            id = Some(text.to_owned()).filter(|id| !id.is_empty());
        }
        let value = match (text.is_empty(), column.is_list, column.is_number) {
            (true, ..) => Value::Null,
            (_, true, _) => text.split_ascii_whitespace().map(Value::from).collect(),
            // What is no number is said to be none where the device is read.
            (_, _, true) => text.parse::<u32>().map_or_else(|_| text.into(), Value::from),
            _ => text.into(),
        };
        let mut place = &mut patch;
        for name in &column.path {
            if !place.is_object() {
                *place = Value::Object(Map::new());
            }
            place = &mut place[name.as_str()];
        }
        *place = value;
    }
    Ok((id.ok_or(Bad::NoId)?, patch))
}

fn column(name: &str) -> Result<Column, LinesError> {
    let is_list = matches!(name, "tags" | "groups" | "capabilities.objects");
    let is_known = match name.split_once('.') {
        None => matches!(name, "id" | "zone" | "tags" | "groups"),
        Some(("addresses" | "attributes", name)) => name.parse::<dm_api::Word>().is_ok(),
        Some(("capabilities", name)) => {
            matches!(name, "wbxml" | "spelling" | "largest_message" | "objects")
        }
        Some(_) => false,
    };
    let path = name.splitn(2, '.').map(str::to_owned).collect();
    let is_number = name == "capabilities.largest_message";
    let column = Column { path, is_list, is_number };
    if is_known { Ok(column) } else { Err(LinesError::Column(name.to_owned())) }
}
