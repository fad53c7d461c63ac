"""A few postings that no one would dispute, for tests."""

FRONT = {
    "es": "Buscamos dependiente para nuestra tienda: atender a los clientes, asesorarles sobre las"
    " prendas, cobrar en caja y resolver sus dudas y reclamaciones.",
    "no": "Vi søker en kundebehandler. Du betjener kunder i skranken og på telefon, gir råd om"
    " produktene våre og følger opp henvendelser og klager fra kundene.",
    "en": "We are hiring a receptionist. You greet guests at the front desk, check them in, answer"
    " their questions by phone and deal with complaints.",
}
BACK = {
    "es": "Buscamos programador para mantener nuestro almacén de datos: escribir consultas SQL,"
    " automatizar cargas nocturnas y documentar los procesos internos.",
    "no": "Vi søker en lagermedarbeider på natt. Du plukker og pakker varer, kjører truck, teller"
    " lager og holder orden på hyllene.",
    "en": "Machine operator for our plant: set up the press, monitor the line, record"
    " measurements and carry out routine maintenance of the machines.",
}
