/// What is told in words, with its kind's subjects as fields beside them in one object.
struct Told<Words: Encodable>: Encodable {
  let words: Words
  let subjects: Subjects

  func encode(to encoder: any Encoder) throws {
    try words.encode(to: encoder)
    try subjects.encode(to: encoder)
  }
}
