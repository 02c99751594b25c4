using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Hosting;

/// <summary>Reads a section of the configuration into settings, and refuses what the binder would pass over or turn into a stack trace.</summary>
internal static class SettingsSection
{
    /// <summary>Reads the section.</summary>
    /// <param name="configuration">Files, environment and arguments together.</param>
    /// <param name="name">Its name.</param>
    /// <param name="of">Whose settings these are, for the error.</param>
    /// <exception cref="BadInputException">A setting is unknown or cannot be read; it is named.</exception>
    public static T Read<T>(IConfiguration configuration, string name, string of)
        where T : class, new()
    {
        PropertyInfo[] known = [.. typeof(T).GetProperties().Where(property => property.CanWrite)];
        var section = configuration.GetSection(name);
        foreach (var setting in section.GetChildren())
        {
            // The value of a misspelt setting is not repeated: it may be the connection string.
            var property = Array.Find(known, property => property.Name.Equals(setting.Key, StringComparison.OrdinalIgnoreCase))
                ?? throw new BadInputException($"{name}:{setting.Key}", "unknown", $"a setting of a {of}: {string.Join(", ", known.Select(property => property.Name))}");
            var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            if (setting.Value is { } value && !CanRead(type, value))
                throw new BadInputException($"{name}:{property.Name}", value, Words(type));
        }
        return section.Get<T>() ?? new T();
    }

    private static bool CanRead(Type type, string value) =>
        type == typeof(int) ? int.TryParse(value, NumberStyles.Integer, CultureInfo.InvariantCulture, out _)
        : type == typeof(long) ? long.TryParse(value, NumberStyles.Integer, CultureInfo.InvariantCulture, out _)
        : type == typeof(TimeSpan) ? TimeSpan.TryParse(value, CultureInfo.InvariantCulture, out _)
        : type != typeof(bool) || bool.TryParse(value, out _);

    private static string Words(Type type) =>
        type == typeof(bool) ? "true or false" : type == typeof(TimeSpan) ? "a time as hours:minutes:seconds, for example 00:00:30" : "a whole number";
}
