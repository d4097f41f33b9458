//! What a file is, from its first bytes and never from what is said about it.

/// A type of file that forms may ask for.
#[derive(Clone, Copy, Debug)]
pub struct FileType {
    /// As forms name it.
    pub extension: &'static str,
    /// Media type it is served as.
    pub media_type: &'static str,
    is: fn(&[u8]) -> bool,
}

/// Every type, the telling ones before plain text.
const TYPES: [FileType; 9] = [
    FileType { extension: "pdf", media_type: "application/pdf", is: |bytes| bytes.starts_with(b"%PDF-") },
    FileType {
        extension: "png",
        media_type: "image/png",
        is: |bytes| bytes.starts_with(b"\x89PNG\r\n\x1a\n"),
    },
    FileType { extension: "jpg", media_type: "image/jpeg", is: |bytes| bytes.starts_with(b"\xff\xd8\xff") },
    FileType {
        extension: "gif",
        media_type: "image/gif",
        is: |bytes| bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a"),
    },
    FileType {
        extension: "webp",
        media_type: "image/webp",
        is: |bytes| bytes.starts_with(b"RIFF") && has(bytes, 8, b"WEBP"),
    },
    FileType { extension: "heic", media_type: "image/heic", is: is_heic },
    FileType {
        extension: "docx",
        media_type: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        is: |bytes| is_office(bytes, b"word/"),
    },
    FileType {
        extension: "xlsx",
        media_type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        is: |bytes| is_office(bytes, b"xl/"),
    },
    FileType { extension: "txt", media_type: "text/plain; charset=utf-8", is: is_text },
];

/// The type of a file, if it is one of those a field accepts; a field that names none accepts all of them.
pub fn sniff(bytes: &[u8], accept: &[String]) -> Option<FileType> {
    let found = TYPES.into_iter().find(|known| (known.is)(bytes))?;
    (accept.is_empty() || accept.iter().any(|wanted| wanted == found.extension)).then_some(found)
}

fn has(bytes: &[u8], at: usize, wanted: &[u8]) -> bool {
    bytes.get(at..).is_some_and(|rest| rest.starts_with(wanted))
}

fn is_heic(bytes: &[u8]) -> bool {
    let brands: [&[u8]; 6] = [b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1"];
    has(bytes, 4, b"ftyp") && brands.iter().any(|brand| has(bytes, 8, brand))
}

/// An Office document is a ZIP archive with these parts and without the part that holds macros. Names of parts stand
/// uncompressed in the archive.
fn is_office(bytes: &[u8], part: &[u8]) -> bool {
    let contains = |wanted: &[u8]| bytes.windows(wanted.len()).any(|window| window == wanted);
    bytes.starts_with(b"PK\x03\x04")
        && contains(b"[Content_Types].xml")
        && contains(part)
        && !contains(b"vbaProject.bin")
}

/// UTF-8 without control characters, and nothing a browser could take for a page or a drawing.
fn is_text(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let start = text.trim_start_matches('\u{feff}').trim_start();
    !text.is_empty()
        && !start.starts_with('<')
        && !start.starts_with("%!")
        && !text.chars().any(|letter| letter.is_control() && !matches!(letter, '\n' | '\r' | '\t'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bytes: &[u8]) -> Option<&'static str> {
        sniff(bytes, &[]).map(|found| found.extension)
    }

    #[test]
    fn knows_a_file_by_its_bytes() {
        assert_eq!(of(b"%PDF-1.7\n"), Some("pdf"));
        assert_eq!(of(b"\xff\xd8\xff\xe0\0\x10JFIF"), Some("jpg"));
        assert_eq!(of(b"RIFF\0\0\0\0WEBPVP8 "), Some("webp"));
        assert_eq!(of(b"\0\0\0\x18ftypheic\0\0"), Some("heic"));
        assert_eq!(of(b"PK\x03\x04....[Content_Types].xml....word/document.xml"), Some("docx"));
        assert_eq!(of("病历\r\n第一行".as_bytes()), Some("txt"));
    }

    #[test]
    fn refuses_what_a_browser_or_an_office_would_run() {
        let bad: [&[u8]; 10] = [
            b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
            b"\xef\xbb\xbf  <!doctype html><script>alert(1)</script>",
            b"MZ\x90\0\x03",
            b"\x7fELF\x02\x01",
            b"PK\x03\x04....[Content_Types].xml....word/document.xml....word/vbaProject.bin",
            b"PK\x03\x04....evil.jar",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
            b"%!PS-Adobe-3.0",
            b"text\0with zero",
            b"",
        ];
        assert!(bad.iter().all(|bytes| of(bytes).is_none()));
    }

    #[test]
    fn a_field_takes_only_what_it_names() {
        assert!(sniff(b"GIF89a", &["pdf".to_owned()]).is_none());
        assert!(sniff(b"GIF89a", &["gif".to_owned()]).is_some());
    }
}
