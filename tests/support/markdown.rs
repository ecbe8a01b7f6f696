//! The parts of a document that can be compared with the program.

/// A fenced block.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// The language of the fence: `sh`, `yaml`, `text` …
    pub(crate) language: String,
    /// The text, without the indentation of the fence.
    pub(crate) text: String,
}

/// The parts of a document.
#[derive(Debug, Default)]
pub(crate) struct Document {
    /// Fenced blocks, in order.
    pub(crate) blocks: Vec<Block>,
    /// Code in backticks outside of blocks.
    pub(crate) spans: Vec<String>,
    /// Targets of links.
    pub(crate) links: Vec<String>,
    /// Anchors of the headings, as GitHub makes them.
    pub(crate) anchors: Vec<String>,
    /// Tables: rows of cells, the titles first, without the line of dashes.
    pub(crate) tables: Vec<Rows>,
}

/// Rows of cells.
pub(crate) type Rows = Vec<Vec<String>>;

impl Document {
    /// Reads `text`.
    pub(crate) fn of(text: &str) -> Self {
        let mut document = Self::default();
        let mut lines = text.lines();
        let mut prose = String::new();
        let mut in_table = false;
        while let Some(line) = lines.next() {
            let Some(language) = line.trim_start().strip_prefix("```") else {
                let row = line.starts_with('|').then(|| line.trim().trim_matches('|').split(" | "));
                if row.is_some() && !in_table {
                    document.tables.push(Vec::new());
                }
                in_table = row.is_some();
                if let Some(cells) = row
                    && !line.starts_with("|--")
                    && let Some(table) = document.tables.last_mut()
                {
                    table.push(cells.map(|cell| cell.trim().to_owned()).collect());
                }
                if line.starts_with('#') {
                    document.anchors.push(anchor(line));
                }
                prose.push_str(line);
                prose.push('\n');
                continue;
            };
            let indentation = line.len() - line.trim_start().len();
            let inside = lines.by_ref().take_while(|line| line.trim() != "```");
            let inside = inside.flat_map(|line| [line.get(indentation..).unwrap_or_default(), "\n"]);
            let text = inside.collect();
            document.blocks.push(Block { language: language.to_owned(), text });
        }
        document.spans = code(&prose);
        // A link in backticks is text.
        let outside: String = prose.split('`').step_by(2).collect();
        document.links =
            outside.split("](").skip(1).filter_map(|rest| rest.split(')').next()).map(str::to_owned).collect();
        document
    }

    /// Blocks of a language.
    pub(crate) fn blocks_of<'a>(&'a self, language: &'a str) -> impl Iterator<Item = &'a str> {
        self.blocks.iter().filter(move |block| block.language == language).map(|block| block.text.as_str())
    }

    /// The rows of all tables whose first title is `title`, without their titles.
    pub(crate) fn rows(&self, title: &str) -> Rows {
        let tables = self.tables.iter().filter(|table| table.first().is_some_and(|titles| titles[0] == title));
        tables.flat_map(|table| table[1..].to_vec()).collect()
    }
}

fn anchor(heading: &str) -> String {
    let title = heading.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
    title.chars().filter(|c| c.is_alphanumeric() || "-_".contains(*c)).collect()
}

/// The texts between backticks; a line end inside is a space.
pub(crate) fn code(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(|span| span.replace('\n', " ")).collect()
}
