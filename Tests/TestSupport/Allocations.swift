internal import CAllocations
package import Testing

/// How many pieces of memory something asks for, on the thread that calls it.
package func allocations(_ body: () throws -> Void) rethrows -> Int {
  let before = allocations_of_thread()
  try body()
  return allocations_of_thread() - before
}

/// How many bytes it asks for.
package func allocatedBytes(_ body: () throws -> Void) rethrows -> Int {
  let before = allocated_bytes_of_thread()
  try body()
  return allocated_bytes_of_thread() - before
}

extension Trait where Self == ConditionTrait {
  package static var needsCountedAllocations: Self {
    .enabled(if: allocations_are_counted(), "allocations can be counted with glibc only")
  }
}
