using Npgsql;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Storage.Postgres.Connections;

/// <summary>Reads connection strings. One that cannot be read is refused without a word of it, since any part of it may be a password.</summary>
internal static class ConnectionText
{
    private const string Allowed =
        "an Npgsql connection string such as Host=db;Username=me;Database=grid (not libpq's host=… user=… with blanks between, not a URI); "
        + "it is not repeated here, because it may hold a password";

    /// <summary>The settings in a connection string.</summary>
    /// <param name="text">What the user gave.</param>
    /// <param name="field">The flag or setting that it came from.</param>
    /// <exception cref="BadInputException">It is no connection string, names no host, or is one that looks like another format read as ours.</exception>
    public static NpgsqlConnectionStringBuilder Read(string text, string field)
    {
        NpgsqlConnectionStringBuilder settings;
        try
        {
            settings = new NpgsqlConnectionStringBuilder(text);
        }
        catch (Exception error) when (error is ArgumentException or FormatException or InvalidCastException or OverflowException or NotSupportedException)
        {
            // Neither as the cause: the driver quotes all that stands before a '=', which of a URI is the password too.
            throw Refused(field, "unreadable");
        }
        if (string.IsNullOrEmpty(settings.Host))
            throw Refused(field, "without Host");
        // libpq's form parses as one long Host, and 'Database=grid password=x' as one long Database: the server would quote it back.
        if (Holds(settings.Host, "=", "@", "://") || Holds(settings.Database, "=", "://") || Holds(settings.Username, "=", "://", ":"))
            throw Refused(field, "unreadable");
        return settings;
    }

    /// <summary>Server and database without credentials, for messages.</summary>
    public static string NameOf(NpgsqlConnectionStringBuilder settings) => $"{settings.Database ?? settings.Username} at {settings.Host}:{settings.Port}";

    private static bool Holds(string? value, params ReadOnlySpan<string> marks)
    {
        foreach (string mark in marks)
        {
            if (value?.Contains(mark, StringComparison.Ordinal) == true)
                return true;
        }
        return value?.Any(char.IsControl) == true;
    }

    private static BadInputException Refused(string field, string what) => new(field, what, Allowed);
}
