/// Words together with their kind's subjects, as fields of one object.
struct Told<Words: Encodable>: Encodable {
  let words: Words
  let subjects: Subjects

  func encode(to encoder: any Encoder) throws {
    try words.encode(to: encoder)
    try subjects.encode(to: encoder)
  }
}
