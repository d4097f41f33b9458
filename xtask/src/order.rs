//! The order of a module's functions: like ones lie side by side, where what compresses them finds them again.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use anyhow::Result;
use wasm_encoder::{Module, NameMap, NameSection, RawSection};
use wasmparser::{Parser, Payload, TypeRef};

/// How many bytes in a row make two functions alike.
const ROW: usize = 4;
/// What more functions than this have says nothing of any of them.
const COMMON: usize = 60;
/// Keeps a tiny function from being like everything.
const SMALL: usize = 8;

/// The module with its functions named by their place in the new order; `wasm-opt --reorder-functions-by-name` puts
/// them there.
///
/// # Errors
/// When `wasm` is no module.
pub fn by_likeness(wasm: &[u8]) -> Result<Vec<u8>> {
    let mut module = Module::new();
    let mut bodies = Vec::new();
    let mut imported = 0;
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload?;
        match &payload {
            Payload::ImportSection(imports) => imported = count_functions(imports.clone())?,
            Payload::CodeSectionEntry(body) => bodies.push(body.as_bytes()),
            // The names it had.
            Payload::CustomSection(_) => continue,
            _ => {}
        }
        if let Some((id, range)) = payload.as_section() {
            let data = wasm.get(range).unwrap_or_default();
            module.section(&RawSection { id, data });
        }
    }
    let mut places = vec![0; bodies.len()];
    for (place, index) in neighbours(&bodies).into_iter().enumerate() {
        places[index] = place;
    }
    module.section(&names(imported, &places));
    Ok(module.finish())
}

fn count_functions(imports: wasmparser::ImportSectionReader) -> Result<u32> {
    let mut count = 0;
    for import in imports.into_imports() {
        count += u32::from(matches!(import?.ty, TypeRef::Func(_)));
    }
    Ok(count)
}

fn names(imported: u32, places: &[usize]) -> NameSection {
    let mut functions = NameMap::new();
    for (index, place) in (imported..).zip(places) {
        functions.append(index, &format!("{place:06}"));
    }
    let mut names = NameSection::new();
    names.functions(&functions);
    names
}

/// All functions, from the longest on, each followed by the one most like it of those that are left.
fn neighbours(bodies: &[&[u8]]) -> Vec<usize> {
    let rows = telling_rows(bodies);
    let mut having: HashMap<&[u8], Vec<usize>> = HashMap::new();
    for (index, rows) in rows.iter().enumerate() {
        rows.iter().for_each(|row| having.entry(row).or_default().push(index));
    }
    let mut left: Vec<bool> = vec![true; bodies.len()];
    let mut order = Vec::new();
    let mut next = (0..bodies.len()).max_by_key(|&index| (bodies[index].len(), Reverse(index)));
    while let Some(current) = next {
        order.push(current);
        left[current] = false;
        let mut shared: HashMap<usize, usize> = HashMap::new();
        for other in rows[current].iter().flat_map(|row| &having[row]).filter(|&&other| left[other]) {
            *shared.entry(*other).or_default() += 1;
        }
        let likeness = |other: usize, shared: usize| {
            let together = rows[current].len() + rows[other].len() - shared;
            // In millionths: whole numbers give the same order everywhere.
            shared * 1_000_000 / (together + SMALL)
        };
        let alike = shared.iter().max_by_key(|&(&other, &shared)| (likeness(other, shared), Reverse(other)));
        next = alike.map(|(&other, _)| other).or_else(|| left.iter().position(|&left| left));
    }
    order
}

/// What bytes in a row each function shares with a few others.
fn telling_rows<'a>(bodies: &[&'a [u8]]) -> Vec<HashSet<&'a [u8]>> {
    let mut rows: Vec<HashSet<&[u8]>> = bodies.iter().map(|body| body.windows(ROW).collect()).collect();
    let mut counts: HashMap<&[u8], usize> = HashMap::new();
    rows.iter().flatten().for_each(|row| *counts.entry(row).or_default() += 1);
    rows.iter_mut().for_each(|rows| rows.retain(|row| (2..COMMON).contains(&counts[row])));
    rows
}

#[cfg(test)]
mod tests {
    use super::neighbours;

    #[test]
    fn every_function_has_a_place_next_to_the_one_most_like_it() {
        let bodies: [&[u8]; 5] =
            [b"abcdefgh....", b"0123456789", b"something of its own", b"0123456", b"abcdefgh"];
        assert_eq!(neighbours(&bodies), [2, 0, 4, 1, 3]);
    }
}
