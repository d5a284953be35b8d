//! Which definitions matter: personalised `PageRank` over the references between files.

use std::collections::BTreeSet;

use super::graph::Graph;

const DAMPING: f64 = 0.85;

/// The walk ends when a step moves less than this of all rank.
const TOLERANCE: f64 = 1e-6;
const MOST_STEPS: usize = 60;

/// Where the walk starts over when the asker cares about something: the rest is spread over all files.
const FOCUS_SHARE: f64 = 0.8;

/// How much more references to a mentioned name count, and those of a file in focus.
const NAMED_WEIGHT: f64 = 10.0;

/// What every definition gets for lying in a ranked file, so that rarely used ones fill what space is left.
const FILE_SHARE: f64 = 1e-3;

/// What the asker cares about.
#[derive(Debug, Default)]
pub(super) struct Focus {
    pub(super) paths: BTreeSet<String>,
    pub(super) names: BTreeSet<String>,
}

impl Focus {
    pub(super) fn is_empty(&self) -> bool {
        self.paths.is_empty() && self.names.is_empty()
    }
}

/// A score for each definition of the graph.
pub(super) fn scores(graph: &Graph, focus: &Focus) -> Vec<f64> {
    let named: Vec<bool> = graph.definitions.iter().map(|it| focus.names.contains(&graph.symbol(it, 0).name)).collect();
    let boost = |definition: u32| if named[definition as usize] { NAMED_WEIGHT } else { 1.0 };
    let totals: Vec<f64> =
        rows(graph).map(|row| graph.edges[row].iter().map(|edge| edge.weight * boost(edge.definition)).sum()).collect();
    let starts = starts(graph, focus, &named);
    let links = Links::of(graph, &totals, boost);
    let ranks = links.walk(&starts);

    let mut scores: Vec<f64> = graph
        .definitions
        .iter()
        .zip(&named)
        .map(|(definition, named)| {
            let share = ranks[definition.file as usize] * definition.weight * FILE_SHARE;
            // What is mentioned is on the map, whoever refers to it.
            if *named { share + 1.0 } else { share }
        })
        .collect();
    for ((row, total), rank) in rows(graph).zip(&totals).zip(&ranks) {
        for edge in &graph.edges[row] {
            scores[edge.definition as usize] += rank * edge.weight * boost(edge.definition) / total;
        }
    }
    scores
}

fn rows(graph: &Graph) -> impl Iterator<Item = std::ops::Range<usize>> {
    graph.rows.windows(2).map(|pair| pair[0]..pair[1])
}

/// Where the walk starts over: everywhere alike, or mostly at what the asker cares about.
fn starts(graph: &Graph, focus: &Focus, named: &[bool]) -> Vec<f64> {
    let files = graph.files.len();
    let even = 1.0 / f64::from(files.max(1) as u32);
    let mut wanted: Vec<bool> = graph.files.iter().map(|file| focus.paths.contains(&file.path)).collect();
    for (definition, _) in graph.definitions.iter().zip(named).filter(|(_, named)| **named) {
        wanted[definition.file as usize] = true;
    }
    let number = wanted.iter().filter(|wanted| **wanted).count();
    if focus.is_empty() || number == 0 {
        return vec![even; files];
    }
    let each = FOCUS_SHARE / f64::from(number as u32);
    wanted.into_iter().map(|wanted| (1.0 - FOCUS_SHARE) * even + if wanted { each } else { 0.0 }).collect()
}

/// The references from file to file, added up: CSR with shares of each row that add up to one.
struct Links {
    rows: Vec<usize>,
    targets: Vec<u32>,
    shares: Vec<f64>,
}

impl Links {
    fn of(graph: &Graph, totals: &[f64], boost: impl Fn(u32) -> f64) -> Self {
        let mut links = Self { rows: vec![0], targets: Vec::new(), shares: Vec::new() };
        let mut sums = vec![0.0; graph.files.len()];
        let mut touched: Vec<u32> = Vec::new();
        for (row, total) in rows(graph).zip(totals) {
            for edge in &graph.edges[row] {
                let file = graph.definitions[edge.definition as usize].file;
                if sums[file as usize] == 0.0 {
                    touched.push(file);
                }
                sums[file as usize] += edge.weight * boost(edge.definition);
            }
            for file in touched.drain(..) {
                links.targets.push(file);
                links.shares.push(std::mem::take(&mut sums[file as usize]) / total);
            }
            links.rows.push(links.targets.len());
        }
        links
    }

    /// Where the walk is, in the long run.
    fn walk(&self, starts: &[f64]) -> Vec<f64> {
        let mut ranks = starts.to_vec();
        for _ in 0..MOST_STEPS {
            let mut next = vec![0.0; ranks.len()];
            let mut lost = 0.0; // by files that refer to nothing
            for (row, rank) in self.rows.windows(2).zip(&ranks) {
                if row[0] == row[1] {
                    lost += rank;
                }
                for at in row[0]..row[1] {
                    next[self.targets[at] as usize] += DAMPING * rank * self.shares[at];
                }
            }
            for (next, start) in next.iter_mut().zip(starts) {
                *next += start * (1.0 - DAMPING + DAMPING * lost);
            }
            let moved: f64 = next.iter().zip(&ranks).map(|(new, old)| (new - old).abs()).sum();
            ranks = next;
            if moved < TOLERANCE {
                break;
            }
        }
        ranks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rank_flows_along_references_and_none_is_lost() {
        // 0 and 1 refer to 2, 2 refers to 0, 3 to nothing.
        let links = Links { rows: vec![0, 1, 2, 3, 3], targets: vec![2, 2, 0], shares: vec![1.0; 3] };
        let ranks = links.walk(&[0.25; 4]);
        assert!((ranks.iter().sum::<f64>() - 1.0).abs() < 1e-9, "{ranks:?}");
        assert!(ranks[2] > ranks[0] && ranks[0] > ranks[1] && (ranks[1] - ranks[3]).abs() < 1e-9, "{ranks:?}");
        let focused = links.walk(&[0.05, 0.05, 0.05, 0.85]);
        assert!(focused[3] > focused[1]);
    }
}
