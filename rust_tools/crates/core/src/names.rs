//! The paths of a list, prepared once for being searched by name.

/// All paths, lower-cased, one behind the other: a search goes through them as through one text.
#[derive(Debug)]
pub(crate) struct Names {
    folded: String,
    /// Where each path begins; one more for the end of the last one.
    starts: Vec<u32>,
}

/// No path holds it.
const SEPARATOR: char = '\0';

impl Names {
    pub(crate) fn of<'a>(paths: impl Iterator<Item = &'a str>) -> Self {
        let mut names = Self { folded: String::new(), starts: vec![0] };
        for path in paths {
            names.folded.extend(path.chars().flat_map(char::to_lowercase));
            names.folded.push(SEPARATOR);
            names.starts.push(names.folded.len() as u32);
        }
        names
    }

    pub(crate) fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// A path, lower-cased.
    pub(crate) fn folded(&self, position: usize) -> &str {
        let end = self.starts[position + 1] as usize - SEPARATOR.len_utf8();
        &self.folded[self.starts[position] as usize..end]
    }

    /// Positions of the paths that hold a lower-cased text, in order.
    pub(crate) fn holding(&self, text: &str) -> Vec<usize> {
        if text.contains(SEPARATOR) {
            return Vec::new();
        }
        let finder = memchr::memmem::Finder::new(text);
        let (mut found, mut position, mut from) = (Vec::new(), 0, 0);
        while let Some(at) = finder.find(&self.folded.as_bytes()[from..]) {
            let at = (from + at) as u32;
            if at as usize >= self.folded.len() {
                break; // an empty text behind the last path
            }
            position += self.starts[position..].partition_point(|start| *start <= at) - 1;
            found.push(position);
            position += 1;
            from = self.starts[position] as usize;
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_found_once_in_each_path_and_never_across_two() {
        let names = Names::of(["a/Cart.py", "cart/cart_view.py", "b.py", "Ümlaut.md"].into_iter());
        assert_eq!((names.len(), names.folded(0), names.folded(3)), (4, "a/cart.py", "ümlaut.md"));
        assert_eq!(names.holding("cart"), [0, 1]);
        assert_eq!(names.holding(".py"), [0, 1, 2]);
        assert_eq!(names.holding("ümlaut"), [3]);
        assert_eq!(names.holding("pyb"), [0; 0]);
        assert_eq!(names.holding("\0"), [0; 0]);
        assert_eq!(names.holding(""), [0, 1, 2, 3]);
        assert_eq!(Names::of(std::iter::empty()).holding("a"), [0; 0]);
    }
}
