//! How the bytes of an edited file are text. A file is written back in the encoding that it has.

use std::borrow::Cow;

use crate::reading::is_binary;

/// The encodings that can be written back without loss. A UTF-8 byte order mark is a part of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf8,
    Utf16Little,
    Utf16Big,
}

/// Why a file is not edited, and what to do about it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unreadable {
    pub(super) why: String,
    pub(super) hint: &'static str,
}

pub(super) fn decode(bytes: Vec<u8>) -> Result<(String, Encoding), Unreadable> {
    match bytes.as_slice() {
        [0xff, 0xfe, rest @ ..] => Ok((utf16(rest, u16::from_le_bytes)?, Encoding::Utf16Little)),
        [0xfe, 0xff, rest @ ..] => Ok((utf16(rest, u16::from_be_bytes)?, Encoding::Utf16Big)),
        _ if is_binary(&bytes) => {
            Err(Unreadable { why: "the file is binary".to_owned(), hint: "only text files are edited" })
        }
        _ => Ok((utf8(bytes)?, Encoding::Utf8)),
    }
}

pub(super) fn encode(text: &str, encoding: Encoding) -> Cow<'_, [u8]> {
    let wide = |to_bytes: fn(u16) -> [u8; 2]| std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(to_bytes);
    match encoding {
        Encoding::Utf8 => Cow::Borrowed(text.as_bytes()),
        Encoding::Utf16Little => wide(u16::to_le_bytes).collect(),
        Encoding::Utf16Big => wide(u16::to_be_bytes).collect(),
    }
}

fn utf8(bytes: Vec<u8>) -> Result<String, Unreadable> {
    String::from_utf8(bytes).map_err(|error| {
        let (at, bytes) = (error.utf8_error().valid_up_to(), error.as_bytes());
        let line = memchr::memchr_iter(b'\n', &bytes[..at]).count() + 1;
        Unreadable {
            why: format!("the file is not valid UTF-8 (byte 0x{:02x} on line {line}) and would be damaged", bytes[at]),
            hint: "convert it to UTF-8 first, or leave it alone",
        }
    })
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, Unreadable> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let text: Result<String, _> = char::decode_utf16(pairs.iter().map(|pair| unit(*pair))).collect();
    text.ok().filter(|_| rest.is_empty()).ok_or_else(|| Unreadable {
        why: "the file is damaged UTF-16 and would be damaged further".to_owned(),
        hint: "mend its encoding first, or leave it alone",
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_cannot_be_written_back_is_refused_with_the_reason() {
        let why = |bytes: &[u8]| decode(bytes.to_vec()).expect_err("refused").why;
        assert_eq!(why(b"a\n\xe9\n"), "the file is not valid UTF-8 (byte 0xe9 on line 2) and would be damaged");
        assert_eq!(why(b"a\0b"), "the file is binary");
        let damaged = "the file is damaged UTF-16 and would be damaged further";
        assert_eq!([why(b"\xff\xfea"), why(b"\xff\xfe\x00\xd8"), why(b"\xfe\xff\xdc\x00")], [damaged; 3]);
    }

    proptest! {
        #[test]
        fn text_comes_back_in_the_bytes_that_it_was(
            text in "[\u{feff}a-zäß€😀\r\n]{0,20}",
            encoding in prop::sample::select(vec![Encoding::Utf8, Encoding::Utf16Little, Encoding::Utf16Big]),
        ) {
            let bytes = encode(&text, encoding).into_owned();
            prop_assert_eq!(decode(bytes), Ok((text, encoding)));
        }
    }
}
