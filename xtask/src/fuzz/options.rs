//! What the command line asks for.

/// The options of `cargo xtask fuzz`.
#[derive(Debug, Eq, PartialEq)]
pub struct Options {
    /// How long each target runs.
    pub seconds: u32,
    /// Which targets; none: all of them.
    pub targets: Vec<String>,
    /// How many at a time.
    pub jobs: usize,
    /// Whether standard output is JSON and nothing else.
    pub json: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { seconds: 60, targets: Vec::new(), jobs: 1, json: false }
    }
}

impl Options {
    /// Reads the arguments.
    ///
    /// # Errors
    /// A sentence about the one that is not understood.
    pub fn parse(args: &[String]) -> Result<Self, String> {
        let mut options = Self::default();
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            let mut value = || args.next().ok_or_else(|| format!("`{arg}` needs a value"));
            match arg.as_str() {
                "--seconds" => options.seconds = number(arg, value()?)?,
                "--jobs" => {
                    options.jobs = usize::try_from(number(arg, value()?)?).unwrap_or(usize::MAX);
                }
                "--target" => options.targets.push(value()?.clone()),
                "--json" => options.json = true,
                unknown => return Err(format!("`{unknown}` is not understood")),
            }
        }
        Ok(options)
    }
}

fn number(option: &str, value: &str) -> Result<u32, String> {
    let number = value.parse().ok().filter(|&number| number > 0);
    number.ok_or_else(|| format!("`{option} {value}`: a number from 1 on is needed"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options, String> {
        Options::parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn all_options_are_understood() {
        assert_eq!(parse(""), Ok(Options::default()));
        let options = parse("--seconds 5 --target wsp --target tnds --jobs 2 --json").unwrap();
        assert_eq!((options.seconds, options.jobs, options.json), (5, 2, true));
        assert_eq!(options.targets, ["wsp", "tnds"]);
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (line, what) in [
            ("--seconds", "`--seconds` needs a value"),
            ("--seconds 0", "`--seconds 0`"),
            ("--jobs x", "`--jobs x`"),
            ("--second 5", "`--second`"),
        ] {
            assert!(parse(line).unwrap_err().contains(what), "{line}");
        }
    }
}
