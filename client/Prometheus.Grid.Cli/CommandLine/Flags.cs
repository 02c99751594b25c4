using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Cli.CommandLine;

/// <summary>Makes flags that check what they are given and say what is allowed.</summary>
internal static class Flags
{
    public static Option<DateOnly?> Date(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "yyyy-MM-dd",
        CustomParser = result => Checked(result, text => DateRange.Parse(name, text)),
    };

    public static Option<int?> Positive(string name, string description, int? value = null) => Whole(name, description, 1, value);

    public static Option<int?> NotNegative(string name, string description, int? value = null) => Whole(name, description, 0, value);

    public static Option<string> Text(string name, string description, string value) =>
        new(name) { Description = description, HelpName = HelpName(name), DefaultValueFactory = _ => value };

    public static Option<string?> Text(string name, string description) => new(name) { Description = description, HelpName = HelpName(name) };

    public static Option<string[]> Repeatable(string name, string description) =>
        new(name) { Description = description, HelpName = HelpName(name), DefaultValueFactory = _ => [] };

    public static Option<DateTimeOffset?> Time(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "TIMESTAMP",
        CustomParser = result => Checked<DateTimeOffset?>(result, text =>
            DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
                ? time
                : throw new BadInputException(name, text, "a time as 2023-11-30T18:00:00Z")),
    };

    public static Option<double?> Cosine(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "COSINE",
        CustomParser = result => Checked<double?>(result, text =>
            double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double cosine) && cosine is >= -1 and <= 1
                ? cosine
                : throw new BadInputException(name, text, "a number from -1 to 1")),
    };

    public static Option<double?> Number(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "NUMBER",
        CustomParser = result => Checked<double?>(result, text =>
            double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number)
                ? number
                : throw new BadInputException(name, text, "a number")),
    };

    public static Option<T?> Parsed<T>(string name, string value, string description, Func<string, T> parse)
        where T : class => new(name) { Description = description, HelpName = value, CustomParser = result => Checked(result, parse) };

    /// <summary>What to tell the user: the domain speaks of members of a request, <c>TopK</c> say, and users of flags.</summary>
    public static string Describe(BadInputException error) => IsMember(error.Field)
        ? error.MessageWith("--" + JsonNamingPolicy.KebabCaseLower.ConvertName(error.Field))
        : error.Message;

    /// <summary>Records why a value is refused, in the words of all such errors.</summary>
    public static T? Refuse<T>(this ArgumentResult result, string field, string value, string allowed)
    {
        result.AddError(new BadInputException(field, value, allowed).Message);
        return default;
    }

    private static Option<int?> Whole(string name, string description, int least, int? value) => new(name)
    {
        Description = description,
        HelpName = "N",
        DefaultValueFactory = _ => value,
        CustomParser = result => Checked<int?>(result, text =>
            int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) && number >= least
                ? number
                : throw new BadInputException(name, text, $"a whole number of {least} or more")),
    };

    private static T? Checked<T>(ArgumentResult result, Func<string, T> parse)
    {
        try
        {
            return parse(result.Tokens[0].Value);
        }
        catch (BadInputException error)
        {
            result.AddError(Describe(error));
            return default;
        }
    }

    // Members are words like TopK; places in files, settings and arguments (FILE) look otherwise.
    private static bool IsMember(string field) =>
        field.Length > 1 && char.IsAsciiLetterUpper(field[0]) && char.IsAsciiLetterLower(field[1]) && field.All(char.IsAsciiLetter);

    private static string HelpName(string flag) => flag.TrimStart('-').ToUpperInvariant().Replace('-', '_');
}
