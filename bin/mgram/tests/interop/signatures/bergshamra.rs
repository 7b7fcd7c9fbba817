//! bergshamra with every algorithm.

use std::fs;

use super::row::ROWS;
use super::{Bench, known};
use crate::bergshamra::Bergshamra;
use crate::{oracle, page, peer};

#[test]
fn bergshamra_knows_every_algorithm() {
    let Some(bergshamra) = Bergshamra::here() else { return };
    if !peer::all_here(&oracle::PROGRAMS) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let cells = |row| Bench::new(row, folder.path()).with(&bergshamra);
    let rows: Vec<_> = ROWS.iter().map(cells).collect();
    let head = ["algorithm", "key", "bergshamra verifies ours", "we verify bergshamra's"];
    page::check("signatures, bergshamra", &page::table(head, &rows));
}

impl Bench<'_> {
    fn with(&self, bergshamra: &Bergshamra) -> [String; 4] {
        let yes = |is_done: bool| if is_done { "yes".to_owned() } else { String::new() };
        let verified = self.row.ours.map(|alg| {
            let file = self.folder.join("rendered.xml");
            let text = self.sealed(alg).text;
            fs::write(&file, &text).expect("the text");
            let said = bergshamra.verify(&file, &self.key);
            known(true, said.code == 0 && said.out == "OK\n", &format!("{said:?}"));
            fs::write(&file, text.replacen("/dm<", "/dn<", 1)).expect("the text");
            let said = bergshamra.verify(&file, &self.key);
            known(false, said.code == 0, &format!("{said:?}"));
        });
        let template = self.folder.join("template.xml");
        fs::write(&template, self.with_signature("", "")).expect("the template");
        let said = bergshamra.sign(&template, &self.key);
        assert_eq!(said.code, 0, "{}: {}", self.row.name, said.err);
        let taken = self.taken_from("bergshamra", Some(said.out));
        let (name, key) = (self.row.name.to_owned(), self.row.key.to_owned());
        [name, key, yes(verified.is_some()), yes(taken.is_some())]
    }
}
