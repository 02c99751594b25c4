using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Cli.Output;

/// <summary>Says what of the user's tables was not used: a line of its own for each reason, and a row among the counts.</summary>
internal static class InputNotes
{
    /// <summary>What the rows of the counts call it.</summary>
    public const string Outcome = "passed over";

    /// <summary>The reason as the counts have it.</summary>
    public static string Reason(InputNote note) => $"{note.Table}: {note.What}";

    /// <summary>Says it on stderr, with the first ones by name.</summary>
    public static void Say(Messages messages, IEnumerable<InputNote> notes)
    {
        foreach (var note in notes)
        {
            messages.Say(note.Examples.Count == 0 ? Reason(note) : $"{Reason(note)}: {note.Count}");
            foreach (string example in note.Examples)
                messages.Say($"  {example}");
            if (note.Examples.Count > 0 && note.Count > note.Examples.Count && note.What.StartsWith("bad rows", StringComparison.Ordinal))
                messages.Say($"  and {note.Count - note.Examples.Count} more");
        }
    }
}
