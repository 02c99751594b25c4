namespace Prometheus.Grid.Core.Errors;

/// <summary>What went wrong, in the three kinds that every surface of the grid tells apart.</summary>
public enum ErrorKind
{
    /// <summary>The caller's input is not acceptable; the same call will fail again.</summary>
    BadInput,

    /// <summary>The input is fine, but what it names does not exist.</summary>
    NotFound,

    /// <summary>The grid or something below it failed; <see cref="GridFaultException.CanRetry"/> says whether a retry can help.</summary>
    Fault,
}

/// <summary>Base of every error that the grid reports on purpose.</summary>
public abstract class GridException(ErrorKind kind, string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>Decides the exit code and the HTTP status.</summary>
    public ErrorKind Kind { get; } = kind;
}

/// <summary>An input that is refused: names the field, its value and what is allowed.</summary>
public sealed class BadInputException : GridException
{
    private const int LongestQuotedValue = 120;

    /// <summary>Refuses an input.</summary>
    /// <param name="field">The member of the request by its name, for example <c>TopK</c>, or the place in a file, for example <c>prices.csv line 3, close</c>.</param>
    /// <param name="value">The value as it was given.</param>
    /// <param name="allowed">What would be accepted, as the rest of the sentence "… ; allowed: …".</param>
    /// <param name="innerException">The cause, when a parser found it.</param>
    public BadInputException(string field, object? value, string allowed, Exception? innerException = null)
        : this($"{Visible.Of(field)} is {Quote(value)}; allowed: {Visible.Of(allowed)}", field, allowed, innerException)
    {
    }

    private BadInputException(string message, string field, string allowed, Exception? innerException)
        : base(ErrorKind.BadInput, message, innerException)
    {
        Field = field;
        Allowed = allowed;
    }

    /// <summary>The member of the request, or the place in a file. Hosts say what their users call it: see <see cref="MessageWith"/>.</summary>
    public string Field { get; }

    /// <summary>What would be accepted.</summary>
    public string Allowed { get; }

    /// <summary>The message with another name for the field, for example the flag <c>--top-k</c> for <c>TopK</c>.</summary>
    /// <param name="field">What the users of the host call it.</param>
    public string MessageWith(string field) => Message.StartsWith(Field, StringComparison.Ordinal) ? field + Message[Field.Length..] : Message;

    /// <summary>The error as another process reported it.</summary>
    public static BadInputException FromMessage(string message, string field, string allowed) => new(message, field, allowed, null);

    // A hostile value must not flood the terminal or a log.
    private static string Quote(object? value)
    {
        string text = FormattableString.Invariant($"{value}");
        return text.Length <= LongestQuotedValue ? $"'{Visible.Of(text)}'" : $"'{Visible.Of(text[..LongestQuotedValue])}…' ({text.Length} characters)";
    }
}

/// <summary>Something named does not exist: names the kind of thing and its key.</summary>
public sealed class NotFoundException : GridException
{
    /// <summary>Reports that something does not exist.</summary>
    /// <param name="what">What was looked for, for example <c>issuer</c>.</param>
    /// <param name="key">The key that was not found.</param>
    /// <param name="hint">What the user can do next, or null.</param>
    public NotFoundException(string what, string key, string? hint = null)
        : this(hint is null ? $"{what} '{Visible.Of(key)}' not found" : $"{what} '{Visible.Of(key)}' not found: {hint}", (what, key))
    {
    }

    private NotFoundException(string message, (string What, string Key) named)
        : base(ErrorKind.NotFound, message) => (What, Key) = named;

    /// <summary>What was looked for.</summary>
    public string What { get; }

    /// <summary>The key that was not found.</summary>
    public string Key { get; }

    /// <summary>The error as another process reported it.</summary>
    public static NotFoundException FromMessage(string message, string what, string key) => new(message, (what, key));
}

/// <summary>The grid, its store or its machine failed.</summary>
/// <param name="message">What failed, and with which key or path.</param>
/// <param name="canRetry">True when the same call may succeed later (a lost connection, a full disk after space is freed).</param>
/// <param name="innerException">The cause.</param>
public sealed class GridFaultException(string message, bool canRetry = false, Exception? innerException = null)
    : GridException(ErrorKind.Fault, message, innerException)
{
    /// <summary>True when the same call may succeed later.</summary>
    public bool CanRetry { get; } = canRetry;
}
